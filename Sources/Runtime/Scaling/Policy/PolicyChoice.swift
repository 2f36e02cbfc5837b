import Time

/// A policy by name, with its settings.
package enum PolicyChoice: Hashable, Sendable {
    /// Keeps a worker the limits' `idle` time after it was last needed, 60 s where they name none.
    case fixed

    package static let `default` = PolicyChoice.fixed

    /// The name as it stands in `functions.yaml`.
    package var name: String {
        switch self {
        case .fixed: "fixed"
        }
    }

    func makePolicy() -> any ScalingPolicy {
        switch self {
        case .fixed: FixedPolicy(keepAlive: 60_000_000_000)
        }
    }
}
