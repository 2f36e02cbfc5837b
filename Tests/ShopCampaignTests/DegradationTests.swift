import FunctionKit
import HTTPTransfer
import ShopState
import ShopTestSupport
import Testing

/// The payment provider is slow, fails or is away: a clear answer in time, and the same order later.
@Suite(.serialized) struct DegradationTests {
    @Test func answersWhenThePaymentFails() async throws {
        let shop = try await RunningShop()
        let customer = Customer(shop: shop, name: "jane")
        await customer.fill("walnut-pen", 1)
        let body = Customers.checkout(cart: "jane", card: "4000000000000341")
        let first = try await shop.send("POST", "/api/checkout", body, key: "k")
        #expect(first.status == 503)
        #expect(first.headers["retry-after"] != nil)
        #expect(first.headers["content-type"] == "application/problem+json")
        let problem = try JSONValue(parsing: first.body)
        #expect(problem["type"] == "urn:shopfn:problem:payment-unavailable")
        let order = try #require(problem["order"]?.stringValue)
        let pending = try JSONValue(parsing: try await shop.send("GET", "/api/orders/\(order)").body)
        #expect(pending["status"] == "pending")
        let second = try await shop.send("POST", "/api/checkout", body, key: "k")
        #expect(second.status == 201)
        #expect(try JSONValue(parsing: second.body)["id"]?.stringValue == order)
        #expect(try await shop.settle().violations == [])
    }

    @Test func answersWhenThePaymentIsAway() async throws {
        // Nobody listens on the discard port here.
        let shop = try await RunningShop(environment: ["PAYMENT_URL": "http://127.0.0.1:9/api/payments"])
        let customer = Customer(shop: shop, name: "jane")
        await customer.fill("walnut-pen", 1)
        let response = try await shop.send("POST", "/api/checkout", Customers.checkout(cart: "jane"), key: "k")
        #expect(response.status == 503)
    }

    @Test func waitsForASlowPayment() async throws {
        let shop = try await RunningShop()
        let customer = Customer(shop: shop, name: "jane")
        await customer.fill("walnut-pen", 1)
        let outcome = await customer.checkout(card: "4000000000000259", tries: 1)
        guard case .placed = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(try await shop.settle().violations == [])
    }
}
