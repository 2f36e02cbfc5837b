/// How much of the demand is seen.
package enum Sight: Hashable, Sendable {
    /// No gateway is connected.
    case none(known: Int)
    /// Some are: there may be more demand than is seen.
    case partial(known: Int, connected: Int)
    /// All that are known are.
    case full(connected: Int)
}
