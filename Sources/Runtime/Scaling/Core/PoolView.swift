/// What a pool looks like at one moment, as its driver last told.
package struct PoolView: Hashable, Sendable {
    /// Invocations running or queued.
    package var inFlight = 0
    /// Those of them that wait for a slot.
    package var queued = 0
    /// Slots that offer room now.
    package var freeSlots = 0
    /// Workers that offer slots.
    package var ready = 0
    /// Workers started that do not offer slots yet.
    package var starting = 0
    /// Workers that finish what they have and leave.
    package var draining = 0

    package init() {}
}
