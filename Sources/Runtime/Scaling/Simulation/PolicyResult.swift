/// What one policy made of a whole set of functions.
package struct PolicyResult: Sendable {
    /// Taken for a worker whose memory is not recorded, in MB.
    package static let memoryWhereUnknown = 128.0

    /// What became of one function, in short.
    package struct Function: Hashable, Sendable {
        package var id: String
        package var requests: Int
        package var cold: Int
        package var workerSeconds: Double
    }

    /// The policy as it was given.
    package var policy: String
    package private(set) var outcome = PoolOutcome()
    /// GB-hours that the workers held.
    package private(set) var gigabyteHours = 0.0
    /// In the set's order.
    package private(set) var functions: [Function] = []
    private var coldParts = 0.0
    private var called = 0

    package init(policy: String) { self.policy = policy }

    /// Takes in what became of one function.
    package mutating func add(_ one: PoolOutcome, of trace: FunctionTrace) {
        outcome.add(one)
        let memory = trace.memory > 0 ? trace.memory : Self.memoryWhereUnknown
        gigabyteHours += one.workerSeconds / 3600 * memory / 1000
        functions.append(
            Function(id: trace.id, requests: one.requests, cold: one.cold, workerSeconds: one.workerSeconds)
        )
        if one.requests > 0 {
            called += 1
            coldParts += Double(one.cold) / Double(one.requests)
        }
    }

    /// Of all requests, those that waited at least 100 ms, in percent.
    package var coldPercent: Double {
        outcome.requests > 0 ? 100 * Double(outcome.cold) / Double(outcome.requests) : 0
    }

    /// The same of each function that was called, averaged over them: there the busiest one weighs no more than others.
    package var coldPercentOverFunctions: Double { called > 0 ? 100 * coldParts / Double(called) : 0 }

    package func costEstimate(pricePerGigabyteHour: Double) -> Double { gigabyteHours * pricePerGigabyteHour }
}
