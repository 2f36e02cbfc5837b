import FunctionKit
import HTTPTransfer
import ShopRules
import ShopState
import ShopTestSupport
import Synchronization
import Testing
import Valkey
import ValkeyTestSupport

/// The whole shop on a Valkey cluster of three masters.
@Suite(.serialized) struct ClusterShopTests {
    /// Whether customers may stop.
    private final class Closing: Sendable {
        let isOver: Atomic<Bool>

        init(_ isOver: Bool) { self.isOver = Atomic(isOver) }
    }

    /// Customers shop one after the other until told to stop; returns the orders that were answered 201.
    private func customers(_ shop: RunningShop, until closing: Closing) async -> [Customer.Outcome] {
        await withTaskGroup(of: [Customer.Outcome].self) { group in
            for lane in 0..<4 {
                group.addTask {
                    var outcomes: [Customer.Outcome] = []
                    for number in 0... {
                        if closing.isOver.load(ordering: .relaxed), number >= 10 { break }
                        let customer = Customer(shop: shop, name: "lane-\(lane)-\(number)")
                        await customer.fill("meadow-seed-mix", 1)
                        await customer.fill(number % 2 == 0 ? "field-notebook" : "merino-socks", 1)
                        // Few enough for the stock.
                        if number < 60 { outcomes.append(await customer.checkout(tries: 200)) }
                    }
                    return outcomes
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
    }

    private func check(_ shop: RunningShop, _ outcomes: [Customer.Outcome]) async throws {
        let report = try await shop.settle()
        #expect(report.violations == [])
        let snapshot = try await shop.snapshot()
        for outcome in outcomes {
            guard case .placed(let order) = outcome else {
                Issue.record("\(outcome)")
                continue
            }
            #expect(snapshot.orders[order]?.status == .placed)
        }
        #expect(report.placed == outcomes.count)
        #expect(snapshot.payments.count == outcomes.count)
    }

    @Test func takesOrdersWhileSlotsMove() async throws {
        let cluster = try await ValkeyCluster()
        let shop = try await RunningShop(on: cluster, cluster.url)
        let closing = Closing(false)
        async let shopping = customers(shop, until: closing)
        // Where orders, products and the catalogue are: each moves on to the next master while they are used.
        let keys = [Keys.orders(0), Keys.orders(7), Keys.stock("meadow-seed-mix"), Keys.catalog, Keys.pending(3)]
        for key in keys {
            let slot = HashSlot(of: key)
            let source = cluster.owner(of: key)
            let place = cluster.masters.firstIndex(of: source) ?? 0
            let target = cluster.masters[(place + 1) % cluster.masters.count]
            try await cluster.beginMove(of: slot, from: source, to: target)
            try await Task.sleep(for: .milliseconds(200))
            // Until no key is left behind: some are made while others go.
            while try await cluster.ask(source, "CLUSTER", "COUNTKEYSINSLOT", Int(slot.number)).int != 0 {
                try await cluster.moveKeys(of: slot, from: source, to: target)
            }
            try await cluster.endMove(of: slot, to: target)
        }
        closing.isOver.store(true, ordering: .relaxed)
        let outcomes = await shopping
        #expect(outcomes.count >= 10)
        try await check(shop, outcomes)
    }

    @Test func takesOrdersAgainAfterAMasterDied() async throws {
        let cluster = try await ValkeyCluster(replicas: 1)
        let shop = try await RunningShop(on: cluster, cluster.url)
        let before = await customers(shop, until: Closing(true))
        // Replication is not awaited by who answers, so what is looked at is that it goes on, not what the last
        // milliseconds before the crash lost; the replica has all when nothing is under way.
        _ = try await shop.settle()
        _ = try await cluster.ask(cluster.masters[0], "WAIT", 1, 10_000)
        cluster.crash(cluster.masters[0])
        var after: [Customer.Outcome] = []
        for number in 0..<20 {
            let customer = Customer(shop: shop, name: "late-\(number)")
            await customer.fill("meadow-seed-mix", 1)
            after.append(await customer.checkout(tries: 300))
        }
        #expect(before.count == 40 && after.count == 20)
        try await check(shop, before + after)
    }
}
