import FunctionKit
import HTTPTransfer
import LoopbackTestSupport
import ShopRules
import ShopState
import ShopTestSupport
import Testing
import ValkeyTestSupport

/// The payment provider is slow, fails or is away: a clear answer in time, and the same order later.
@Suite(.serialized) struct DegradationTests {
    /// What an order that was not placed was answered with.
    private func order(_ response: HTTPClientResponse, is kind: String) throws -> String {
        #expect(response.headers["retry-after"] != nil)
        #expect(response.headers["content-type"] == "application/problem+json")
        let problem = try JSONValue(parsing: response.body)
        #expect(problem["type"] == .string("urn:shopfn:problem:\(kind)"))
        return try #require(problem["order"]?.stringValue)
    }

    @Test func answersWhenThePaymentFails() async throws {
        let shop = try await RunningShop()
        let customer = Customer(shop: shop, name: "jane")
        await customer.fill("walnut-pen", 1)
        let body = Customers.checkout(cart: "jane", card: "4000000000000341")
        let first = try await shop.send("POST", "/api/checkout", body, key: "k")
        #expect(first.status == 503)
        let order = try order(first, is: "payment-unavailable")
        // The repeated request finishes it, unless recovery did meanwhile: the answer is the same.
        let second = try await shop.send("POST", "/api/checkout", body, key: "k")
        #expect(second.status == 201)
        #expect(try JSONValue(parsing: second.body)["id"]?.stringValue == order)
        let report = try await shop.settle()
        #expect(report.violations == [])
        #expect(report.orders == 1 && report.placed == 1)
    }

    @Test func finishesTheSameOrderWhenThePaymentIsBack() async throws {
        let valkey = try await ValkeyServer(isDurable: true)
        let port = try freePort()
        let environment = ["PAYMENT_URL": "http://127.0.0.1:\(port)/api/payments"]
        let shop = try await RunningShop(on: valkey, valkey.url, environment: environment)
        let customer = Customer(shop: shop, name: "jane")
        await customer.fill("walnut-pen", 1)
        let body = Customers.checkout(cart: "jane")
        let refused = try await shop.send("POST", "/api/checkout", body, key: "k")
        #expect(refused.status == 503)
        let order = try order(refused, is: "payment-unavailable")
        let pending = try JSONValue(parsing: try await shop.send("GET", "/api/orders/\(order)").body)
        #expect(pending["status"] == "pending")
        #expect(try await shop.snapshot().stock["walnut-pen"]?.reserved == 1)
        // The provider comes back, here another gateway's; nothing was charged meanwhile.
        let provider = try await RunningShop(on: valkey, valkey.url, port: port)
        let placed = await customer.checkout(key: "k")
        #expect(placed == .placed(order))
        let report = try await provider.settle()
        #expect(report.violations == [])
        #expect(report.orders == 1 && report.placed == 1)
    }

    @Test func answersForASlowPayment() async throws {
        let shop = try await RunningShop()
        let customer = Customer(shop: shop, name: "jane")
        await customer.fill("walnut-pen", 1)
        let body = Customers.checkout(cart: "jane", card: "4000000000000259")
        let first = try await shop.send("POST", "/api/checkout", body, key: "k")
        // The provider takes six seconds and the shop waits eight; on a slow machine it may be too late all the same.
        if first.status != 201 {
            #expect(first.status == 504)
            _ = try order(first, is: "payment-timeout")
        }
        guard case .placed = await customer.checkout(card: "4000000000000259", key: "k") else {
            Issue.record("not placed")
            return
        }
        let report = try await shop.settle()
        #expect(report.violations == [])
        #expect(report.orders == 1 && report.placed == 1)
    }

    @Test func answersWhenThePaymentSaysNothing() async throws {
        let silence = try SilentServer()
        let environment = ["PAYMENT_URL": "http://127.0.0.1:\(silence.port)/api/payments"]
        let shop = try await RunningShop(environment: environment)
        let customer = Customer(shop: shop, name: "jane")
        await customer.fill("walnut-pen", 1)
        let response = try await shop.send("POST", "/api/checkout", Customers.checkout(cart: "jane"), key: "k")
        // The function's own answer; the gateway's, once the function's time is over, is another.
        #expect(response.status == 504)
        let order = try order(response, is: "payment-timeout")
        let pending = try JSONValue(parsing: try await shop.send("GET", "/api/orders/\(order)").body)
        #expect(pending["status"] == "pending")
    }

    @Test func undoesAndRefundsWhatNobodyWaitsForAnyMore() async throws {
        let shop = try await RunningShop(environment: ["ORDER_PATIENCE": "1s"])
        let customer = Customer(shop: shop, name: "jane")
        await customer.fill("walnut-pen", 1)
        let body = Customers.checkout(cart: "jane", card: "4000000000000119")
        let refused = try await shop.send("POST", "/api/checkout", body, key: "k")
        let order = try order(refused, is: "payment-unavailable")
        let report = try await shop.settle()
        #expect(report.violations == [])
        #expect(report.placed == 0)
        let snapshot = try await shop.snapshot()
        #expect(snapshot.orders[order]?.status == .cancelled)
        // The shop barred it at the provider, with the secret that nobody else has.
        #expect(snapshot.payments[order]?.status == "voided")
        #expect(try await shop.send("DELETE", "/api/payments/\(order)").status == 401)
    }
}
