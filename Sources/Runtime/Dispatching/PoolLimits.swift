/// What a pool allows its invocations.
package struct PoolLimits: Hashable, Sendable {
    /// How many invocations may wait for a slot; one more is refused.
    package var queue: Int
    /// From arrival to the end of the response.
    package var timeout: Duration
    /// How long a cancelled handler may go on before its worker is killed.
    package var grace: Duration

    package init(queue: Int, timeout: Duration, grace: Duration = .seconds(2)) {
        self.queue = queue
        self.timeout = timeout
        self.grace = grace
    }
}
