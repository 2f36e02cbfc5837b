package import Dispatching

/// What the gateway knows of a function.
package struct PoolFunction: Hashable, Sendable {
    /// The function's name.
    package var name: String
    /// Method and path pattern, as the manifest has them.
    package var route: String
    package var limits: PoolLimits
    /// Bytes of a request's body; beyond it 413.
    package var maxBody: Int
    /// Slots a worker offers.
    package var concurrency: Int
    /// Which build and configuration a worker must be of.
    package var revision: String

    package init(
        name: String,
        route: String,
        limits: PoolLimits,
        maxBody: Int,
        concurrency: Int,
        revision: String
    ) {
        self.name = name
        self.route = route
        self.limits = limits
        self.maxBody = maxBody
        self.concurrency = concurrency
        self.revision = revision
    }
}
