import JSON
import ShopRules
import ShopState
import Testing
import Valkey

@Suite struct SagaTests {
    private func refusal(_ work: () async throws -> CheckoutAnswer) async -> String {
        do {
            return "\(try await work())"
        } catch let refusal as CheckoutRefusal {
            switch refusal {
            case .cartEmpty: return "cart empty"
            case .cartChanged: return "cart changed"
            case .notEnoughStock(let shortages):
                return "not enough: " + shortages.map { "\($0.line.productId) \($0.available)" }.joined(separator: ",")
            case .keyReused: return "key reused"
            case .underWay: return "under way"
            case .paymentUnknown: return "payment unknown"
            }
        } catch {
            return "\(error)"
        }
    }

    @Test func placesAnOrderOnce() async throws {
        let shop = try await SagaShop()
        try await shop.fill("c", "walnut-pen", 2)
        let first = try await shop.checkout("c", key: "k")
        guard case .placed(let order, let body) = first else {
            Issue.record("not placed: \(first)")
            return
        }
        #expect(try await shop.checkout("c", key: "k") == first)
        let json = try JSONValue(parsing: body)
        #expect(json["status"] == "placed")
        #expect(json["subtotal"]?["amount"] == 13_800)
        #expect(json["email"] == "j***@example.com")
        #expect(json["payment"]?["last4"] == "4242")
        #expect(try await shop.carts.cart("c").items.isEmpty)
        #expect(try await shop.stock("walnut-pen", "sold") == 2)
        #expect(try await shop.stock("walnut-pen", "reserved") == 0)
        let report = try await shop.examine()
        #expect(report.violations == [])
        #expect(report.placed == 1)
        #expect(report.underWay == 0)
        let stored = try await OrderStore(valkey: shop.valkey).find(order)
        #expect(stored?.isSettled == true)
        let events = try await shop.valkey.send(
            ValkeyCommand("XRANGE", Keys.outbox(try #require(OrderID.partition(order))), "-", "+")
        )
        let fields = try [String: String](try #require(events.array?.first?.array?.last))
        let event = try JSONCoder.decode(OrderEvent.self, from: Array(try #require(fields["event"]).utf8))
        #expect(event.record == stored?.record)
        #expect(event.reference == stored?.reference)
        #expect(event.placedAt == stored?.placedAt?.text)
    }

    @Test func refusesWhatCannotBe() async throws {
        let shop = try await SagaShop()
        #expect(await refusal { try await shop.checkout("none", key: "a") } == "cart empty")
        try await shop.fill("c")
        let version = try await shop.carts.cart("c").version
        #expect(await refusal { try await shop.checkout("c", key: "b", version: "old") } == "cart changed")
        try await shop.setStock("orchard-fruit-press", 1)
        try await shop.fill("c", "orchard-fruit-press", 2)
        #expect(
            await refusal { try await shop.checkout("c", key: "b", version: version) } == "cart changed"
        )
        #expect(await refusal { try await shop.checkout("c", key: "b") } == "not enough: orchard-fruit-press 1")
        // Nothing of it is left, not even the key.
        #expect(try await shop.stock("walnut-pen", "reserved") == 0)
        _ = try await shop.carts.set("orchard-fruit-press", quantity: 1, in: "c")
        _ = try await shop.checkout("c", key: "b")
        try await shop.fill("other")
        #expect(await refusal { try await shop.checkout("other", key: "b") } == "key reused")
        #expect(try await shop.examine().violations == [])
    }

    @Test func leavesNothingOfADeclinedOrder() async throws {
        let shop = try await SagaShop()
        try await shop.fill("c", "walnut-pen", 3)
        let answer = try await shop.checkout("c", key: "k", card: "4000000000000002")
        #expect(answer == .declined(order: answer.order, reason: "The card was declined by its bank."))
        #expect(try await shop.checkout("c", key: "k", card: "4000000000000002") == answer)
        #expect(try await shop.stock("walnut-pen", "available") == 49)
        #expect(try await shop.carts.cart("c").items.count == 1)
        // Another card with another key goes through.
        _ = try await shop.checkout("c", key: "k2")
        let report = try await shop.examine()
        #expect(report.violations == [])
        #expect(report.placed == 1)
    }

    @Test func sellsTheLastPiecesToExactlyAsManyBuyers() async throws {
        let shop = try await SagaShop()
        try await shop.setStock("velvet-cushion", 50)
        let outcomes = try await withThrowingTaskGroup(of: Bool.self) { group in
            for buyer in 0..<200 {
                group.addTask {
                    try await shop.fill("cart-\(buyer)", "velvet-cushion", 1)
                    do {
                        _ = try await shop.checkout("cart-\(buyer)", key: "key-\(buyer)")
                        return true
                    } catch CheckoutRefusal.notEnoughStock {
                        return false
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.count { $0 } == 50)
        #expect(try await shop.stock("velvet-cushion", "sold") == 50)
        #expect(try await shop.stock("velvet-cushion", "available") == 0)
        let report = try await shop.examine()
        #expect(report.violations == [])
        #expect(report.placed == 50)
    }

    @Test func countsEveryConcurrentAdd() async throws {
        let shop = try await SagaShop()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<100 { group.addTask { try await shop.fill("c", "walnut-pen", 1) } }
            try await group.waitForAll()
        }
        #expect(try await shop.carts.cart("c").items.first?.quantity == 100)
        for _ in 0..<9 { try await shop.fill("c", "walnut-pen", 99) }
        await #expect(throws: CartStore.Refusal.tooManyPieces(have: 991)) { try await shop.fill("c", "walnut-pen", 9) }
    }

    @Test func makesOneOrderOfTwentyRequestsWithOneKey() async throws {
        let shop = try await SagaShop()
        try await shop.fill("c")
        let answers = try await withThrowingTaskGroup(of: CheckoutAnswer.self) { group in
            for _ in 0..<20 { group.addTask { try await shop.checkout("c", key: "the-key") } }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(answers.count == 1)
        let report = try await shop.examine()
        #expect(report.violations == [])
        #expect(report.orders == 1)
        #expect(report.piecesSold == 1)
    }

    @Test func finishesTheSameOrderAfterThePaymentFailed() async throws {
        let shop = try await SagaShop()
        try await shop.fill("c")
        // This card is charged, but the provider fails to say so the first time.
        #expect(await refusal { try await shop.checkout("c", key: "k", card: "4000000000000341") } == "payment unknown")
        #expect(try await shop.stock("walnut-pen", "reserved") == 1)
        let answer = try await shop.checkout("c", key: "k", card: "4000000000000341")
        let report = try await shop.examine()
        #expect(report.violations == [])
        #expect(report.orders == 1)
        #expect(report.placed == 1)
        #expect(try await PaymentLedger(valkey: shop.valkey).find(answer.order)?.charges == 1)
    }

    @Test func recoversAnOrderThatWasChargedUnheard() async throws {
        let shop = try await SagaShop()
        try await shop.fill("c")
        _ = await refusal { try await shop.checkout("c", key: "k", card: "4000000000000341") }
        let summary = try await shop.recover()
        #expect(summary.finished == 1)
        #expect(try await shop.examine().violations == [])
        // The customer's retry hears of it.
        let answer = try await shop.checkout("c", key: "k", card: "4000000000000341")
        guard case .placed = answer else {
            Issue.record("not placed: \(answer)")
            return
        }
        #expect(try await shop.examine().placed == 1)
    }

    @Test func undoesAnOrderNobodyPaysFor() async throws {
        let shop = try await SagaShop()
        try await shop.fill("c")
        // This card's payment fails before anything is charged.
        #expect(await refusal { try await shop.checkout("c", key: "k", card: "4000000000000119") } == "payment unknown")
        #expect(try await shop.recover().waiting == 1)
        #expect(try await shop.stock("walnut-pen", "reserved") == 1)
        #expect(try await shop.recover(patience: .zero).undone == 1)
        #expect(try await shop.stock("walnut-pen", "available") == 49)
        var report = try await shop.examine()
        #expect(report.violations == [])
        #expect(report.underWay == 0)
        // The key is free again, and the cart is as it was.
        _ = try await shop.checkout("c", key: "k")
        report = try await shop.examine()
        #expect(report.violations == [])
        #expect(report.placed == 1)
        #expect(report.orders == 2)
    }

    @Test func keepsWhatIsAddedWhileTheOrderIsPlaced() async throws {
        let shop = try await SagaShop()
        try await shop.fill("c", "walnut-pen", 2)
        _ = await refusal { try await shop.checkout("c", key: "k", card: "4000000000000341") }
        try await shop.fill("c", "walnut-pen", 1)
        try await shop.fill("c", "merino-socks", 1)
        _ = try await shop.checkout("c", key: "k", card: "4000000000000341")
        let items = try await shop.carts.cart("c").items
        #expect(items.map(\.productId) == ["merino-socks", "walnut-pen"])
        #expect(items.map(\.quantity) == [1, 1])
    }

    @Test func takesLinesOutOfACartOnce() async throws {
        let shop = try await SagaShop()
        try await shop.fill("c", "walnut-pen", 2)
        let order = try await shop.checkout("c", key: "k").order
        try await shop.fill("c", "walnut-pen", 2)
        // As if whoever placed it had died before he settled it.
        let partition = try #require(OrderID.partition(order))
        _ = try await shop.valkey.send(ValkeyCommand("HDEL", Keys.order(order, partition: partition), "settled"))
        _ = try await shop.valkey.send(ValkeyCommand("ZADD", Keys.pending(partition), 0, order))
        #expect(try await shop.recover().finished == 1)
        #expect(try await shop.carts.cart("c").items.first?.quantity == 2)
        #expect(try await shop.stock("walnut-pen", "sold") == 2)
        #expect(try await shop.examine().violations == [])
    }

    @Test func mergesCartsOnce() async throws {
        let shop = try await SagaShop()
        try await shop.fill("guest", "walnut-pen", 2)
        try await shop.fill("mine", "walnut-pen", 1)
        #expect(try await shop.carts.merge("guest", into: "mine").items.first?.quantity == 3)
        #expect(try await shop.carts.merge("guest", into: "mine").items.first?.quantity == 3)
        #expect(try await shop.carts.cart("guest").items.isEmpty)
        // What comes into the other cart later is a new filling.
        try await shop.fill("guest", "merino-socks", 1)
        #expect(try await shop.carts.merge("guest", into: "mine").items.count == 2)
    }

    @Test func neverWritesACardDown() async throws {
        let shop = try await SagaShop()
        try await shop.fill("c")
        _ = try await shop.checkout("c", key: "k", card: "5555555555554444")
        var cursor = "0"
        repeat {
            let (next, keys) = try await shop.valkey.scan(cursor: cursor, count: 1_000)
            for key in keys {
                guard let dump = try await shop.valkey.send(ValkeyCommand("DUMP", key)).bytes else { continue }
                #expect(!String(decoding: dump, as: UTF8.self).contains("555555555555"))
            }
            cursor = next
        } while cursor != "0"
    }
}
