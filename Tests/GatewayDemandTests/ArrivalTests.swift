import GatewayDemand
import Scaling
import Testing
import Time
import WorkerProtocol

/// Gateways tell ten times a second at the most, and invocations may be shorter.
@Suite struct ArrivalTests {
    private let gateway = GatewayName(id: "a", address: "10.0.0.1:7070")

    /// The workers wanted after a minute of so many invocations in each tenth of a second, all over when they are told of.
    private func wanted(_ policy: PolicyChoice, arrivals each: UInt64) -> Int {
        let limits = PoolLimits(min: 0, max: 100, idle: .seconds(60))
        var scaler = PoolScaler(limits: limits, concurrency: 10, policy: policy, now: .origin)
        var book = DemandBook(grace: .zero)
        _ = book.take(.connected(gateway, [PoolDemand(function: "f")]), now: .origin)
        for step in 1...600 {
            let now = Instant.origin + .milliseconds(100 * step)
            let figures = PoolDemand(function: "f", arrivals: each * UInt64(step))
            for change in book.take(.demand(gateway, figures), now: now) {
                _ = scaler.demandChanged(book.totals(of: "f"), arrived: change.arrived, now: now)
            }
            let wanted = scaler.decision.wanted
            _ = scaler.workersChanged(ready: wanted, starting: 0, draining: 0, now: now)
            if let check = scaler.decision.nextCheck, check <= now { _ = scaler.timerFired(now: now) }
        }
        return scaler.decision.wanted
    }

    @Test(arguments: [(UInt64(1), 2), (5, 8), (20, 29)])
    func arrivalsThatWereOverBeforeTheyWereToldCount(each: UInt64, workers: Int) {
        // 10 × each a second; a worker is to get 10 × 0.7 of them.
        #expect(wanted(.rate(AverageSettings(target: 10)), arrivals: each) == workers)
    }
}
