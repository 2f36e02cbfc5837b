import Time

/// One policy under test: its rule, or the clairvoyant bound.
package struct SimulatedPolicy: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case policy(PolicyChoice)
        case oracle
    }

    /// As it stands in the report.
    package var name: String
    package var kind: Kind
    package var limits: PoolLimits

    package init(name: String, kind: Kind, limits: PoolLimits = PoolLimits(max: 1000)) {
        self.name = name
        self.kind = kind
        self.limits = limits
    }
}

/// Replays recorded traffic against policies.
package enum Simulation {
    /// Replays one function, `index` in its set, under one policy.
    package static func run(
        _ trace: FunctionTrace,
        index: Int,
        policy: SimulatedPolicy,
        parameters: SimulationParameters
    ) -> PoolOutcome {
        let seed = parameters.seed &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(truncatingIfNeeded: index)
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
                now: .origin
            )
            var simulation = PoolSimulation(scaler: scaler, minutes: trace.perMinute.count, parameters: parameters)
            return simulation.run(workload)
        }
    }
}
