import Time

/// A policy by name, with its settings.
package enum PolicyChoice: Hashable, Sendable {
    /// Keeps a worker `idle` after it was last needed; the limits' `idle` comes first, and 60 s where neither is given.
    case fixed(idle: Duration? = nil)
    /// Invocations in flight, averaged, against a target per worker.
    case concurrency(AverageSettings = AverageSettings())
    /// Arrivals a second, averaged, against a target per worker.
    case rate(AverageSettings = AverageSettings())
    case keda(KedaSettings = KedaSettings())
    case hybrid
    case adaptive(WaitCost = .balanced)

    /// What a pool has whose manifest names none.
    package static let `default` = PolicyChoice.adaptive()

    /// The names as they stand in `functions.yaml`.
    package static let names = ["adaptive", "fixed", "concurrency", "rate", "keda", "hybrid"]

    /// The name as it stands in `functions.yaml`.
    package var name: String {
        switch self {
        case .fixed: "fixed"
        case .concurrency: "concurrency"
        case .rate: "rate"
        case .keda: "keda"
        case .hybrid: "hybrid"
        case .adaptive: "adaptive"
        }
    }

    /// Whether it decides by what it learned over days, so that this is worth keeping.
    package var learns: Bool {
        switch self {
        case .hybrid, .adaptive: true
        case .fixed, .concurrency, .rate, .keda: false
        }
    }

    func makePolicy() -> any ScalingPolicy {
        switch self {
        case .fixed(let idle): FixedPolicy(keepAlive: (idle ?? .seconds(60)).wholeNanoseconds)
        case .concurrency(let settings): KnativePolicy(.init(metric: .concurrency, settings))
        case .rate(let settings): KnativePolicy(.init(metric: .rate, settings))
        case .keda(let settings): KedaPolicy(.init(settings))
        case .hybrid: HybridPolicy()
        case .adaptive(let cost): AdaptivePolicy(cost: cost)
        }
    }
}

/// How `concurrency` and `rate` average, in the manner of Knative's autoscaler.
package struct AverageSettings: Hashable, Sendable {
    /// Of the metric, per worker, before the utilization of 70 % is applied; `nil` is a worker's slots for
    /// `concurrency` and 200 arrivals a second for `rate`.
    package var target: Double?
    /// The window whose average is followed.
    package var stable: Duration
    /// The shorter window that tells a burst.
    package var panic: Duration

    package init(target: Double? = nil, stable: Duration = .seconds(60), panic: Duration = .seconds(6)) {
        self.target = target
        self.stable = stable
        self.panic = panic
    }
}

/// How `keda` looks and waits.
package struct KedaSettings: Hashable, Sendable {
    /// Invocations in flight a worker should have; `nil` is a worker's slots.
    package var target: Double?
    /// How often it is looked whether anything is in flight.
    package var polling: Duration
    /// How long nothing must have been seen before the last worker goes.
    package var cooldown: Duration

    package init(target: Double? = nil, polling: Duration = .seconds(30), cooldown: Duration = .seconds(300)) {
        self.target = target
        self.polling = polling
        self.cooldown = cooldown
    }
}
