package import Scaling

/// A function as the autoscaler needs it.
package struct AutoscaledFunction: Sendable {
    package var name: String
    /// Method and path, empty where no request reaches it.
    package var route: String
    package var limits: PoolLimits
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
        self.floors = floors
        self.name = name
        self.route = route
        self.limits = limits
        self.concurrency = concurrency
        self.policy = policy
    }
}
