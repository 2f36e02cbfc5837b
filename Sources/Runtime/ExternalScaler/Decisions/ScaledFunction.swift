package import Scaling

/// A function as the scaler knows it from the manifest.
package struct ScaledFunction: Hashable, Sendable {
    package var name: String
    package var limits: PoolLimits
    /// Slots of a worker.
    package var concurrency: Int
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
}
