/// What a pool allows its invocations.
package struct PoolLimits: Hashable, Sendable {
    /// How many invocations may wait for a slot; one more is refused.
    package var queue: Int
    /// From arrival to the end of the response.
    package var timeout: Duration
    /// How long a cancelled handler may go on before its worker is killed.
    package var grace: Duration
    /// How long before its deadline an invocation that waits is given up while no worker is ready; `nil`: at its
    /// deadline.
    package var starvation: Duration?
    /// Whether workers have other gateways as well, so that they can be asked to bring slots from there.
    package var sharesWorkers: Bool

    package init(
        queue: Int,
        timeout: Duration,
        grace: Duration = .seconds(2),
        starvation: Duration? = nil,
        sharesWorkers: Bool = false
    ) {
        self.queue = queue
        self.timeout = timeout
        self.grace = grace
        self.starvation = starvation
        self.sharesWorkers = sharesWorkers
    }
}
