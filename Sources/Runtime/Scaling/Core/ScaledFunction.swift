/// A function as a scaler on a cluster knows it from the manifest.
package struct ScaledFunction: Hashable, Sendable {
    package var name: String
    /// Method and path, empty where no request reaches it.
    package var route: String
    package var limits: PoolLimits
    /// Slots of a worker.
    package var concurrency: Int
    package var policy: PolicyChoice
    /// What the schedule keeps from when on.
    package var floors: [ScheduledFloor]

    package init(
        name: String,
        route: String = "",
        limits: PoolLimits,
        concurrency: Int,
        policy: PolicyChoice,
        floors: [ScheduledFloor] = []
    ) {
        self.name = name
        self.route = route
        self.limits = limits
        self.concurrency = concurrency
        self.policy = policy
        self.floors = floors
    }
}
