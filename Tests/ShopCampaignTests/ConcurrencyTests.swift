import FunctionKit
import HTTPTransfer
import ShopState
import ShopTestSupport
import Testing

/// Many customers at once, through the gateway and real workers.
@Suite(.serialized) struct ConcurrencyTests {
    @Test func sellsTheLastFiftyToFiftyOfTwoHundred() async throws {
        let shop = try await RunningShop()
        let valkey = try shop.client()
        _ = try await valkey.hset(Keys.stock("velvet-cushion"), ["initial": 50, "available": 50])
        await valkey.close()
        await withTaskGroup(of: Void.self) { group in
            for buyer in 0..<200 {
                group.addTask { await Customer(shop: shop, name: "buyer-\(buyer)").fill("velvet-cushion", 1) }
            }
        }
        let outcomes = await withTaskGroup(of: Customer.Outcome.self) { group in
            for buyer in 0..<200 {
                group.addTask { await Customer(shop: shop, name: "buyer-\(buyer)").checkout(tries: 100) }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        let placed = Set(outcomes.compactMap { if case .placed(let order) = $0 { order } else { nil } })
        #expect(placed.count == 50)
        #expect(outcomes.count { $0 == .refused(409) } == 150)
        let report = try await shop.settle()
        #expect(report.violations == [])
        #expect(report.placed == 50 && report.piecesSold == 50)
        let stock = try await shop.snapshot().stock["velvet-cushion"]
        #expect(stock?.sold == 50 && stock?.available == 0 && stock?.reserved == 0)
    }

    @Test func countsAHundredAddsOfOne() async throws {
        let shop = try await RunningShop()
        let body: JSONValue = ["productId": "walnut-pen", "quantity": 1]
        let answers = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<100 {
                group.addTask { try await shop.send("POST", "/api/carts/c/items", body).status }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers == Array(repeating: 200, count: 100))
        let cart = try JSONValue(parsing: try await shop.send("GET", "/api/carts/c").body)
        #expect(cart["items"]?.arrayValue?.count == 1)
        #expect(cart["items"]?[0]?["quantity"] == 100)
    }

    @Test func makesOneOrderOfTwentyRequestsWithOneKey() async throws {
        let shop = try await RunningShop()
        await Customer(shop: shop, name: "jane").fill("walnut-pen", 2)
        let body = Customers.checkout(cart: "jane")
        let answers = try await withThrowingTaskGroup(of: HTTPClientResponse.self) { group in
            for _ in 0..<20 {
                group.addTask { try await shop.send("POST", "/api/checkout", body, key: "k") }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.map(\.status) == Array(repeating: 201, count: 20))
        #expect(Set(answers.map(\.body)).count == 1)
        #expect(Set(answers.map { $0.headers["location"] }).count == 1)
        let report = try await shop.settle()
        #expect(report.violations == [])
        #expect(report.orders == 1 && report.placed == 1 && report.piecesSold == 2)
        let payments = try await shop.snapshot().payments
        #expect(payments.count == 1 && payments.values.first?.charges == 1)
    }
}
