import Foundation
import ShopRules
import ShopState
import ShopTestSupport
import Synchronization
import Testing

/// Whatever is killed and whenever: no order is lost, doubled or oversold.
@Suite(.serialized) struct RandomCampaignTests {
    private static let products = [
        "walnut-pen", "merino-socks", "velvet-cushion", "orchard-fruit-press", "field-notebook", "meadow-seed-mix",
    ]
    /// What came of the checkouts, counted by all customers.
    private final class Tally: Sendable {
        let outcomes = Mutex<[Customer.Outcome]>([])
        let isOver = Mutex(false)
    }

    private static let cards = [
        "4242424242424242", "4242424242424242", "5555555555554444", "4000000000000002", "4000000000000341",
    ]

    /// 500 checkouts while workers of every function die at random places, are killed at random times, and Valkey is
    /// killed and comes back.
    @Test(.timeLimit(.minutes(10))) func survivesWhateverDies() async throws {
        let shop = try await RunningShop(environment: ["SHOP_FAILPOINT": "random:60", "ORDER_PATIENCE": "3s"])
        let checkouts = 500
        let tally = Tally()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while !tally.isOver.withLock({ $0 }) {
                    try await Task.sleep(for: .milliseconds(Int.random(in: 50...400)))
                    if let victim = shop.workers.randomElement() { kill(victim, SIGKILL) }
                }
            }
            group.addTask {
                while !tally.isOver.withLock({ $0 }) {
                    try await Task.sleep(for: .milliseconds(Int.random(in: 2_000...5_000)))
                    shop.valkey.crash()
                    try await Task.sleep(for: .milliseconds(Int.random(in: 0...500)))
                    try await shop.valkey.start()
                }
            }
            group.addTask {
                await withTaskGroup(of: Void.self) { customers in
                    for lane in 0..<12 {
                        customers.addTask {
                            for number in stride(from: lane, to: checkouts, by: 12) {
                                let customer = Customer(shop: shop, name: "customer-\(number)")
                                for _ in 0..<Int.random(in: 1...3) {
                                    await customer.fill(Self.products.randomElement() ?? "", Int.random(in: 1...2))
                                }
                                let outcome = await customer.checkout(card: Self.cards.randomElement() ?? "")
                                tally.outcomes.withLock { $0.append(outcome) }
                            }
                        }
                    }
                }
                tally.isOver.withLock { $0 = true }
            }
            try await group.waitForAll()
        }
        let report = try await shop.settle()
        #expect(report.violations == [])
        let snapshot = try await shop.snapshot()
        let all = tally.outcomes.withLock { $0 }
        #expect(all.count == checkouts)
        var answered: Set<String> = []
        for case .placed(let order) in all {
            answered.insert(order)
            #expect(snapshot.orders[order]?.status == .placed, "order \(order) was answered 201")
            #expect(snapshot.orders[order]?.events == 1, "order \(order) was answered 201")
        }
        let unknown = all.filter { if case .unknown = $0 { true } else { false } }
        print(
            "campaign: \(checkouts) checkouts, \(answered.count) answered 201, \(report.placed) placed, "
                + "\(all.count { $0 == .declined }) declined, \(unknown.count) never answered, "
                + "\(report.orders) orders, \(report.piecesSold) pieces sold"
        )
        #expect(answered.count > checkouts / 4, "too few were placed for the campaign to say anything")
    }
}
