/// The bounds a pool's workers stay within, whatever its policy asks for.
package struct PoolLimits: Hashable, Sendable {
    /// The fewest workers kept, even while nobody calls.
    package var min: Int
    /// The most workers there ever are.
    package var max: Int
    /// How long a worker that is not needed may stay; `nil` leaves it to the policy.
    ///
    /// `fixed` keeps a worker exactly this long (60 s when `nil`); the other policies may let it go sooner, never later.
    package var idle: Duration?

    /// Limits in which `min` is at least 0 and `max` at least `min`: what lies outside is moved to the nearest bound.
    package init(min: Int = 0, max: Int, idle: Duration? = nil) {
        self.min = Swift.max(0, min)
        self.max = Swift.max(self.min, max)
        self.idle = idle.map { Swift.max(.zero, $0) }
    }
}
