import Foundation
import ShopRules
import ShopState
import ShopTestSupport
import Synchronization
import Testing
import ValkeyTestSupport

/// Whatever is killed and whenever: no order is lost, doubled or oversold.
///
/// Kills are counted by what the customers do and not by a clock, so that a slow machine sees as many for each order as
/// a fast one.
@Suite(.serialized) struct RandomCampaignTests {
    private static let checkouts = 500
    private static let products = [
        "walnut-pen", "merino-socks", "velvet-cushion", "orchard-fruit-press", "field-notebook", "meadow-seed-mix",
    ]
    private static let cards = [
        "4242424242424242", "4242424242424242", "5555555555554444", "4000000000000002", "4000000000000341",
    ]

    /// What came of the checkouts, counted by all customers.
    private final class Tally: Sendable {
        let outcomes = Mutex<[Customer.Outcome]>([])
        let isOver = Mutex(false)
        let workersKilled = Atomic(0)
    }

    /// 500 checkouts while workers of every function die at random places, are killed at random times, and Valkey is
    /// killed and comes back.
    @Test func survivesWhateverDies() async throws {
        let valkey = try await ValkeyServer(isDurable: true)
        let shop = try await RunningShop(
            on: valkey,
            valkey.url,
            environment: ["SHOP_FAILPOINT": "random:60", "ORDER_PATIENCE": "3s"]
        )
        let tally = Tally()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await Self.killValkey(valkey, tally) }
            group.addTask {
                await withTaskGroup(of: Void.self) { customers in
                    for lane in 0..<40 {
                        customers.addTask {
                            for number in stride(from: lane, to: Self.checkouts, by: 40) {
                                let outcome = await Self.shopping(shop, number, tally)
                                tally.outcomes.withLock { $0.append(outcome) }
                            }
                        }
                    }
                }
                tally.isOver.withLock { $0 = true }
            }
            try await group.waitForAll()
        }
        try await check(shop, tally)
    }

    /// Kills Valkey whenever so many more customers are done.
    private static func killValkey(_ valkey: ValkeyServer, _ tally: Tally) async throws {
        var next = 0
        while !tally.isOver.withLock({ $0 }) {
            try await Task.sleep(for: .milliseconds(20))
            guard tally.outcomes.withLock({ $0.count }) >= next else { continue }
            next += Int.random(in: 5...15)
            valkey.crash()
            try await Task.sleep(for: .milliseconds(Int.random(in: 0...500)))
            try await valkey.start()
        }
    }

    /// One customer's visit; somewhere within it a worker of any function is killed.
    private static func shopping(_ shop: RunningShop, _ number: Int, _ tally: Tally) async -> Customer.Outcome {
        let customer = Customer(shop: shop, name: "customer-\(number)")
        let adds = Int.random(in: 1...3)
        let unlucky = Int.random(in: 0...adds)
        func killSomebody(at step: Int) {
            guard step == unlucky, let victim = shop.workers.randomElement() else { return }
            kill(victim, SIGKILL)
            tally.workersKilled.add(1, ordering: .relaxed)
        }
        for step in 0..<adds {
            killSomebody(at: step)
            await customer.fill(products.randomElement() ?? "", Int.random(in: 1...2))
        }
        killSomebody(at: adds)
        return await customer.checkout(card: cards.randomElement() ?? "", tries: 100)
    }

    private func check(_ shop: RunningShop, _ tally: Tally) async throws {
        let report = try await shop.settle()
        #expect(report.violations == [])
        let snapshot = try await shop.snapshot()
        let all = tally.outcomes.withLock { $0 }
        #expect(all.count == Self.checkouts)
        var answered: Set<String> = []
        for case .placed(let order) in all {
            answered.insert(order)
            #expect(snapshot.orders[order]?.status == .placed, "order \(order) was answered 201")
            #expect(snapshot.orders[order]?.events == 1, "order \(order) was answered 201")
        }
        let unknown = all.filter { if case .unknown = $0 { true } else { false } }
        print(
            "campaign: \(all.count) checkouts, \(answered.count) answered 201, \(report.placed) placed, "
                + "\(all.count { $0 == .declined }) declined, \(unknown.count) never answered, "
                + "\(report.orders) orders, \(report.piecesSold) pieces sold, "
                + "\(tally.workersKilled.load(ordering: .relaxed)) workers killed"
        )
        #expect(answered.count > Self.checkouts / 4, "too few were placed for the campaign to say anything")
    }
}
