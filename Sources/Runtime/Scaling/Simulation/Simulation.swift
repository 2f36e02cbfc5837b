import Time

/// One policy under test: its rule, or the clairvoyant bound.
package struct SimulatedPolicy: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case policy(PolicyChoice)
        case oracle
    }

    /// The most workers a pool has unless told otherwise: enough that no policy is held back by it.
    package static let defaultMax = 1000

    /// As it stands in the report.
    package var name: String
    package var kind: Kind
    package var limits: PoolLimits

    package init(name: String, kind: Kind, limits: PoolLimits = PoolLimits(max: defaultMax)) {
        self.name = name
        self.kind = kind
        self.limits = limits
    }

    /// The clairvoyant lower bound.
    package static let oracle = SimulatedPolicy(name: "oracle", kind: .oracle)

    /// One worker always, and Knative's averages above it: what is done today where nobody may wait.
    package static let alwaysOn = SimulatedPolicy(
        name: "always-on",
        kind: .policy(.concurrency()),
        limits: PoolLimits(min: 1, max: defaultMax)
    )

    /// Reads `NAME[:key=value,…]`, where a name is a policy's, `oracle` or `always-on`, and every policy also takes
    /// `min`, `max` and `idle`.
    ///
    /// - Throws: ``PolicyMistake``.
    package init(parsing text: String) throws(PolicyMistake) {
        let parts = try PolicyText(parsing: text)
        if let bound = [Self.oracle, .alwaysOn].first(where: { $0.name == parts.name }) {
            guard parts.settings.isEmpty else {
                throw PolicyMistake("'\(parts.name)' has no keys", fix: "write '\(parts.name)' alone")
            }
            self = bound
            return
        }
        guard PolicyChoice.names.contains(parts.name) else {
            throw PolicyMistake(
                "there is no policy '\(parts.name)'",
                fix: "the policies are \((PolicyChoice.names + ["oracle", "always-on"]).joined(separator: ", "))"
            )
        }
        var reader = PolicySettingReader(policy: parts.name, settings: parts.settings)
        let min = try reader.whole("min", in: 0...10_000) ?? 0
        let max = try reader.whole("max", in: 1...10_000) ?? Swift.max(min, Self.defaultMax)
        guard min <= max else {
            throw PolicyMistake("'min' of the policy '\(text)' is above its 'max'", fix: "make 'min' at most \(max)")
        }
        let idle = try reader.duration("idle", in: .zero...(.seconds(86_400)))
        kind = .policy(try PolicyChoice(name: parts.name, settings: reader.remaining))
        name = text
        limits = PoolLimits(min: min, max: max, idle: idle)
    }
}

/// A simulator's own mistake: what went in did not come out.
package struct ConservationError: Error, Hashable, CustomStringConvertible {
    package var function: String
    package var policy: String
    package var recorded: Int
    package var accounted: Int

    package var description: String {
        "under '\(policy)' function '\(function)' got \(recorded) requests, but \(accounted) were served or given up"
    }
}

/// Replays recorded traffic against policies.
package enum Simulation {
    /// Replays one function, `index` in its set, under one policy.
    ///
    /// - Throws: ``ConservationError`` where a request was lost or counted twice.
    package static func run(
        _ trace: FunctionTrace,
        index: Int,
        policy: SimulatedPolicy,
        parameters: SimulationParameters
    ) throws(ConservationError) -> PoolOutcome {
        let outcome = outcome(trace, index: index, policy: policy, parameters: parameters)
        let all = 0..<trace.perMinute.count
        let recorded = trace.perMinute[parameters.measured?.clamped(to: all) ?? all].reduce(0) { $0 + Int($1) }
        guard outcome.requests == recorded, outcome.waits.count == recorded else {
            throw ConservationError(
                function: trace.id,
                policy: policy.name,
                recorded: recorded,
                accounted: outcome.requests
            )
        }
        return outcome
    }

    /// The seed of the function at `index` in a trace, from the simulation's.
    static func seed(_ seed: UInt64, of index: Int) -> UInt64 {
        seed &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(truncatingIfNeeded: index)
    }

    private static func outcome(
        _ trace: FunctionTrace,
        index: Int,
        policy: SimulatedPolicy,
        parameters: SimulationParameters
    ) -> PoolOutcome {
        let seed = seed(parameters.seed, of: index)
        let workload = Workload(trace: trace, placement: parameters.placement, seed: seed)
        switch policy.kind {
        case .oracle:
            return OracleSimulation(minutes: trace.perMinute.count, parameters: parameters).run(workload)
        case .policy(let choice):
            let scaler = PoolScaler(
                limits: policy.limits,
                concurrency: parameters.concurrency,
                policy: choice,
                startTime: parameters.start,
                wallClock: parameters.begin,
                now: .origin
            )
            var simulation = PoolSimulation(scaler: scaler, minutes: trace.perMinute.count, parameters: parameters)
            return simulation.run(workload)
        }
    }
}
