package import Scaling

/// A function as the scaler knows it from the manifest.
package struct ScaledFunction: Hashable, Sendable {
    package var name: String
    package var limits: PoolLimits
    /// Slots of a worker.
    package var concurrency: Int
    /// The policy as declared.
    package var policy: PolicyChoice
    /// What the schedule keeps from when on.
    package var floors: [ScheduledFloor]

    package init(
        name: String,
        limits: PoolLimits,
        concurrency: Int,
        policy: PolicyChoice,
        floors: [ScheduledFloor] = []
    ) {
        self.floors = floors
        self.name = name
        self.limits = limits
        self.concurrency = concurrency
        self.policy = policy
    }

    /// The policy that is followed.
    ///
    /// KEDA asks now one replica, now another, and all must say the same. So what they say may rest only on what each
    /// has heard within a bounded time. A policy that learns for days rests on more, and gives way to `fixed`, which
    /// keeps a worker the limits' `idle` after it was last needed.
    package var agreedPolicy: PolicyChoice {
        switch policy {
        case .hybrid, .adaptive: .fixed()
        case .fixed, .concurrency, .rate, .keda: policy
        }
    }
}
