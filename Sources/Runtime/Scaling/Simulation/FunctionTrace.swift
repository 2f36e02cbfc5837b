/// One function's recorded traffic: how many requests came in each minute, and how long they ran.
package struct FunctionTrace: Hashable, Sendable {
    package var id: String
    /// What invoked it, as recorded (`http`, `timer`, `queue`, …); empty where unknown.
    package var trigger: String
    /// Requests in each minute.
    package var perMinute: [Int32]
    package var durations: DurationDistribution
    /// Memory a worker has, in MB; 0 where unknown.
    package var memory: Double

    package init(
        id: String,
        trigger: String = "",
        perMinute: [Int32],
        durations: DurationDistribution,
        memory: Double = 0
    ) {
        self.id = id
        self.trigger = trigger
        self.perMinute = perMinute
        self.durations = durations
        self.memory = memory
    }

    package var requests: Int { perMinute.reduce(0) { $0 + Int($1) } }
}
