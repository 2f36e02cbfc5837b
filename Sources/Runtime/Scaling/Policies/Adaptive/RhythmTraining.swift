import Time

/// What ``RhythmPrior`` is made from: a function's minutes as the adaptive policy's rhythm model sees them.
///
/// `Benchmarks/Scaling/Trainer` makes the prior of it. Nothing else uses it.
package enum RhythmTraining {
    /// A prior in the making.
    package struct Prior: Sendable {
        /// The logarithm of the odds of a need, by context.
        package var odds: [Float]
        /// Minutes the odds count for, in halves, by context.
        package var trust: [UInt8]
        /// Weight sets one after another, each with a weight for every input.
        package var weights: [Float]

        /// Knows nothing: a need in a tenth of all minutes whatever the context, and equal weights.
        package init() {
            odds = Array(repeating: -2.2, count: RhythmModel.slots)
            trust = Array(repeating: 8, count: RhythmModel.slots)
            weights = Array(repeating: 0.07, count: RhythmModel.allWeights)
        }
    }

    /// A minute in which a level was needed or not.
    package struct Minute: Sendable {
        /// The context of each view.
        package var contexts: [Int]
        /// What the mixture added up.
        package var inputs: [Float]
        /// Where the two weight sets begin that were used.
        package var weightSets: (busy: Int, since: Int)
        package var needed: Bool
        /// The chance foretold.
        package var chance: Double
    }

    /// A function's minutes, level by level, if every worker came the moment it is needed.
    ///
    /// - Parameters:
    ///   - trace: Its traffic; requests fall anywhere in their minute.
    ///   - index: Its place in the trace, so that it gets the requests it gets in a simulation.
    ///   - concurrency: Slots a worker has.
    ///   - prior: What is known at the beginning.
    /// - Returns: The minutes at whose begin a level was not needed, from its first need on, in order of time.
    package static func minutes(
        of trace: FunctionTrace,
        index: Int,
        concurrency: Int = 10,
        prior: Prior
    ) -> [Minute] {
        var player = Player(concurrency: concurrency, prior: prior)
        var workload = Workload(trace: trace, placement: .poisson, seed: Simulation.seed(1, of: index))
        var running = CompletionHeap()
        var request = workload.next()
        while request != nil || !running.isEmpty {
            if let arrived = request, arrived.arrival < running.first {
                running.insert(end: arrived.arrival + arrived.duration, worker: 0)
                player.arrives(at: arrived.arrival)
                request = workload.next()
            } else {
                let end = running.first
                _ = running.removeFirst()
                player.ends(at: end)
            }
        }
        player.close(until: Int64(trace.perMinute.count))
        return player.seen
    }

    /// Tells levels of needs as ``AdaptivePolicy`` does.
    private struct Player {
        let concurrency: Int
        let prior: Prior
        var seen: [Minute] = []
        private var levels: [AdaptiveLevel] = []
        private var features = RhythmModel.Features()
        private var inFlight = 0
        private var needed = 0
        private var neededAtMinuteBegin = 0
        private var minute: Int64 = 0
        /// Gaps that are bridged without a plan, as at the price `balanced`.
        private let leastKeep = Int64(WaitCost.balanced.workerSeconds * AdaptiveConstants.keepShare * 1e9)

        init(concurrency: Int, prior: Prior) {
            self.concurrency = concurrency
            self.prior = prior
        }

        mutating func arrives(at now: Int64) {
            close(until: now / AdaptiveLevel.minute)
            inFlight += 1
            if inFlight > needed * concurrency, needed == levels.count {
                let model = RhythmModel(odds: prior.odds, seen: prior.trust, weights: prior.weights)
                levels.append(AdaptiveLevel(now: now, isLowest: levels.isEmpty, rhythm: model))
            }
            levels[0].came(1)
            guard inFlight > needed * concurrency else { return }
            if needed > 0 { levels[needed].came(1) }
            levels[needed].begin(at: now, leastKeep: leastKeep)
            needed += 1
        }

        mutating func ends(at now: Int64) {
            close(until: now / AdaptiveLevel.minute)
            inFlight -= 1
            guard inFlight <= (needed - 1) * concurrency else { return }
            needed -= 1
            levels[needed].end(at: now)
        }

        mutating func close(until current: Int64) {
            while minute < current {
                for index in levels.indices {
                    let neededAtBegin = index < neededAtMinuteBegin
                    let outcome = levels[index].close(
                        minute: minute,
                        neededAtBegin: neededAtBegin,
                        neededNow: index < needed,
                        features: &features
                    )
                    guard let outcome else { continue }
                    seen.append(
                        Minute(
                            contexts: features.slots,
                            inputs: features.inputs,
                            weightSets: (features.busySet, features.sinceSet),
                            needed: outcome.needed,
                            chance: outcome.chance
                        )
                    )
                }
                minute += 1
                neededAtMinuteBegin = needed
            }
        }
    }
}
