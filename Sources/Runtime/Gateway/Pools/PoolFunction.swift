package import Dispatching

/// What the gateway knows of a function.
package struct PoolFunction: Hashable, Sendable {
    /// The function's name.
    package var name: String
    /// Method and path pattern, as the manifest has them; `nil` for a function that no request reaches.
    package var route: String?
    package var limits: PoolLimits
    /// Bytes of a request's body; beyond it 413.
    package var maxBody: Int
    /// Whether an idempotent invocation whose worker died is given to another.
    package var isRetried: Bool
    /// Slots a worker offers.
    package var concurrency: Int
    /// Which build and configuration a worker must be of; `nil` takes any, as a rollout needs.
    package var revision: String?

    package init(
        name: String,
        route: String?,
        limits: PoolLimits,
        maxBody: Int,
        isRetried: Bool = true,
        concurrency: Int,
        revision: String?
    ) {
        self.name = name
        self.route = route
        self.limits = limits
        self.maxBody = maxBody
        self.isRetried = isRetried
        self.concurrency = concurrency
        self.revision = revision
    }
}
