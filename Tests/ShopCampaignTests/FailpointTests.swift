import Foundation
import FunctionKit
import HTTPTransfer
import ShopRules
import ShopState
import ShopTestSupport
import Testing

/// A worker dies after each step of the saga, and nothing is lost, doubled or left over.
@Suite(.serialized) struct FailpointTests {
    private func marker(_ place: String) -> String {
        "/tmp/shop-failpoint-\(place)-\(UUID().uuidString.prefix(8))"
    }

    @Test(arguments: [
        "claimed", "recorded", "reserved", "charge-received", "charge-booked", "charged", "placed", "confirmed",
        "cleared", "settled",
    ])
    func placesTheOrderAllTheSame(_ place: String) async throws {
        let marker = marker(place)
        defer { unlink(marker) }
        let shop = try await RunningShop(environment: ["SHOP_FAILPOINT": place, "SHOP_FAILPOINT_ONCE": marker])
        let customer = Customer(shop: shop, name: "jane")
        await customer.fill("walnut-pen", 2)
        let outcome = await customer.checkout()
        #expect(FileManager.default.fileExists(atPath: marker), "no worker died: \(shop.text)")
        guard case .placed(let order) = outcome else {
            Issue.record("after \(place): \(outcome) \(shop.text)")
            return
        }
        let report = try await shop.settle()
        #expect(report.violations == [])
        #expect(report.placed == 1)
        #expect(report.piecesSold == 2)
        #expect(try await shop.snapshot().orders[order]?.status == .placed)
    }

    // Nothing recovers in these two: the request that is tried again has to finish what the dead worker began.

    @Test(arguments: ["declining", "released"])
    func leavesNothingOfADeclinedOrder(_ place: String) async throws {
        let marker = marker(place)
        defer { unlink(marker) }
        let environment = ["SHOP_FAILPOINT": place, "SHOP_FAILPOINT_ONCE": marker]
        let shop = try await RunningShop(environment: environment, recovers: false)
        let customer = Customer(shop: shop, name: "jane")
        await customer.fill("walnut-pen", 2)
        #expect(await customer.checkout(card: "4000000000000002", tries: 1) == .declined)
        #expect(FileManager.default.fileExists(atPath: marker), "no worker died: \(shop.text)")
        let report = try await shop.report()
        #expect(report.violations == [])
        #expect(report.underWay == 0)
        #expect(report.placed == 0)
        #expect(try await shop.snapshot().stock["walnut-pen"]?.reserved == 0)
        // Every request with the key hears the bank's own reason.
        let body = Customers.checkout(cart: "jane", card: "4000000000000002")
        let again = try await shop.send("POST", "/api/checkout", body, key: "key-jane")
        #expect(again.status == 402)
        #expect(try JSONValue(parsing: again.body)["detail"] == "The card was declined by its bank.")
    }

    @Test(arguments: ["cancelling", "released"])
    func leavesNothingOfAnOrderWithTooLittleStock(_ place: String) async throws {
        let marker = marker(place)
        defer { unlink(marker) }
        let environment = ["SHOP_FAILPOINT": place, "SHOP_FAILPOINT_ONCE": marker]
        let shop = try await RunningShop(environment: environment, recovers: false)
        let customer = Customer(shop: shop, name: "jane")
        await customer.fill("walnut-pen", 60)
        await customer.fill("merino-socks", 1)
        #expect(await customer.checkout(tries: 1) == .refused(409))
        #expect(FileManager.default.fileExists(atPath: marker), "no worker died: \(shop.text)")
        let report = try await shop.report()
        #expect(report.violations == [])
        #expect(report.underWay == 0)
        #expect(try await shop.snapshot().stock["merino-socks"]?.reserved == 0)
    }

    @Test func neverWritesACardToALog() async throws {
        let shop = try await RunningShop(environment: ["SHOPFN_LOG_LEVEL": "trace"])
        let customer = Customer(shop: shop, name: "jane")
        await customer.fill("walnut-pen", 1)
        #expect(await customer.checkout(card: "4000000000000002") == .declined)
        #expect(await customer.checkout(card: "5555555555554444") == .refused(409))
        #expect(!shop.text.contains("400000000000") && !shop.text.contains("555555555555"))
    }
}
