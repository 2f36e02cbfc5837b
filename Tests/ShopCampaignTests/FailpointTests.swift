import Foundation
import ShopRules
import ShopState
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

    @Test(arguments: ["declining", "released"])
    func leavesNothingOfADeclinedOrder(_ place: String) async throws {
        let marker = marker(place)
        defer { unlink(marker) }
        let shop = try await RunningShop(environment: ["SHOP_FAILPOINT": place, "SHOP_FAILPOINT_ONCE": marker])
        let customer = Customer(shop: shop, name: "jane")
        await customer.fill("walnut-pen", 2)
        #expect(await customer.checkout(card: "4000000000000002") == .declined)
        #expect(FileManager.default.fileExists(atPath: marker), "no worker died: \(shop.text)")
        let report = try await shop.settle()
        #expect(report.violations == [])
        #expect(report.placed == 0)
        #expect(report.piecesSold == 0)
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
