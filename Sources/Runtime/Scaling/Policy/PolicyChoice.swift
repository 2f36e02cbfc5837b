import Time

/// A policy by name, with its settings.
package enum PolicyChoice: Hashable, Sendable {
    /// Keeps a worker the limits' `idle` time after it was last needed, 60 s where they name none.
    case fixed
    case concurrency
    case rate(target: Double)
    case keda
    case hybrid
    case adaptive(WaitCost)

    package static let `default` = PolicyChoice.fixed

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

    func makePolicy() -> any ScalingPolicy {
        switch self {
        case .fixed: FixedPolicy(keepAlive: 60_000_000_000)
        case .concurrency: KnativePolicy(.init(metric: .concurrency))
        case .rate(let target): KnativePolicy(.init(metric: .rate, target: target))
        case .keda: KedaPolicy(.init())
        case .hybrid: HybridPolicy()
        case .adaptive(let cost): AdaptivePolicy(cost: cost)
        }
    }
}
