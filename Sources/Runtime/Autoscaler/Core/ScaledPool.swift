import Scaling
import Time
import WorkerProtocol

/// One function's pool on a cluster: its scaler, its Deployment and its pods.
struct ScaledPool: Sendable {
    var function: ScaledFunction
    var scaler: PoolScaler
    var reconciler = PoolReconciler()
    var deployment: DeploymentState?
    var pods: [String: PodState] = [:]
    /// Workers that the scaler was last told are ready.
    var ready = 0
    /// From when on the absence of demand is believed: a scaler that has just begun has seen no idleness yet.
    var trustsAbsenceFrom: Instant
    /// What the gateways were told last.
    var told: PoolStatus?
    /// The failure that was written down last.
    var recorded: PoolFailure?
    /// The earliest time at which the core's heap wakes this pool.
    var queuedFor: Instant?
    /// When more replicas were asked for than there were workers, to measure how long they take.
    var asked: (at: Instant, ready: Int)?
    /// Decisions that changed the number, by reason.
    var decisions: [String: UInt64] = [:]
    var starts: UInt64 = 0
    var startSeconds = 0.0

    init(_ function: ScaledFunction, saved: [UInt8]?, wallClock: Duration, now: Instant) {
        self.function = function
        scaler = Self.scaler(function, saved, wallClock, now)
        trustsAbsenceFrom = now
        begin(now)
    }

    /// Begins anew with what was learned before.
    mutating func begin(saved: [UInt8], wallClock: Duration, now: Instant) {
        scaler = Self.scaler(function, saved, wallClock, now)
        begin(now)
    }

    private mutating func begin(_ now: Instant) {
        reconciler.want(scaler.decision.wanted)
        trustsAbsenceFrom = now + (function.limits.idle ?? .seconds(60))
    }

    private static func scaler(
        _ function: ScaledFunction,
        _ saved: [UInt8]?,
        _ wallClock: Duration,
        _ now: Instant
    ) -> PoolScaler {
        PoolScaler(
            limits: function.limits,
            concurrency: function.concurrency,
            policy: function.policy,
            floors: function.floors,
            // Until one is measured: a pod takes longer than a process.
            startTime: .seconds(2),
            wallClock: wallClock,
            saved: saved,
            now: now
        )
    }

    var terminating: Int { pods.values.reduce(0) { $0 + ($1.isTerminating ? 1 : 0) } }
    var present: Int { pods.count - terminating }

    /// Why no further worker comes, if that is so.
    ///
    /// A failure that pods have goes before what the Deployment says; what keeps a pod from being placed last, as the
    /// cluster may still be adding a node.
    func failure(ready: Int) -> PoolFailure? {
        guard let deployment else {
            return PoolFailure(
                kind: .other,
                message: "there is no Deployment of this name in the namespace",
                retryAfter: ContainerFailure.retryAfter
            )
        }
        guard scaler.decision.wanted > 0, ready < scaler.decision.wanted else { return nil }
        let failures = pods.values.filter { !$0.isReady && !$0.isTerminating }.compactMap(\.failure)
        let worst = failures.min { left, right in
            (left.kind == .unschedulable ? 1 : 0, left.message) < (right.kind == .unschedulable ? 1 : 0, right.message)
        }
        if let worst, worst.kind != .unschedulable { return worst }
        return deployment.failure ?? worst
    }
}
