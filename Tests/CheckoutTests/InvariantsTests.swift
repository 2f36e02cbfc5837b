import ShopState
import Testing
import Valkey

/// The doctor finds each kind of damage.
@Suite struct InvariantsTests {
    private func damaged(_ damage: (SagaShop, String) async throws -> Void) async throws -> [String] {
        let shop = try await SagaShop()
        try await shop.fill("c")
        let order = try await shop.checkout("c", key: "k").order
        #expect(try await shop.examine().violations == [])
        try await damage(shop, order)
        return try await shop.examine().violations
    }

    private func partition(_ order: String) -> Int { Int(order.prefix(2)) ?? 0 }

    @Test func findsLostPieces() async throws {
        let found = try await damaged { shop, _ in
            _ = try await shop.valkey.send(ValkeyCommand("HINCRBY", Keys.stock("walnut-pen"), "available", -1))
        }
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("product walnut-pen: 47 available + 0 reserved + 1 sold are not") == true)
    }

    @Test func findsALostSale() async throws {
        let found = try await damaged { shop, order in
            _ = try await shop.valkey.send(ValkeyCommand("HDEL", Keys.sales("walnut-pen"), order))
        }
        #expect(found.contains { $0.hasSuffix("is settled, but walnut-pen is not sold to it") })
        #expect(found.contains("product walnut-pen: 1 sold, but its sales are of 0"))
    }

    @Test func findsALostEvent() async throws {
        let found = try await damaged { shop, order in
            _ = try await shop.valkey.send(ValkeyCommand("DEL", Keys.outbox(partition(order))))
        }
        #expect(found.count == 1)
        #expect(found.first?.hasSuffix("is placed and has 0 events") == true)
    }

    @Test func findsADoubledEvent() async throws {
        let found = try await damaged { shop, order in
            _ = try await shop.valkey.send(ValkeyCommand("XADD", Keys.outbox(partition(order)), "*", "order", order))
        }
        #expect(found.first?.hasSuffix("is placed and has 2 events") == true)
    }

    @Test func findsALostCharge() async throws {
        let found = try await damaged { shop, order in
            _ = try await shop.valkey.send(ValkeyCommand("DEL", Keys.payment(order)))
        }
        #expect(found.first?.hasSuffix("is placed, but not charged") == true)
    }

    @Test func findsAnOrderThatVanished() async throws {
        let found = try await damaged { shop, order in
            _ = try await shop.valkey.send(ValkeyCommand("DEL", Keys.order(order, partition: partition(order))))
            _ = try await shop.valkey.send(ValkeyCommand("ZREM", Keys.orders(partition(order)), order))
        }
        #expect(found.count == 4)
        #expect(found.contains { $0.hasSuffix("is charged, but there is no such order") })
        #expect(found.contains { $0.hasSuffix("does not exist, but the outbox has its event") })
        #expect(found.contains { $0.hasPrefix("cart c was cleared for order") })
        #expect(found.contains { $0.hasPrefix("product walnut-pen: 1 sold to order") })
    }
}
