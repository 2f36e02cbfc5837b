/// The scaling policies there are, with the keys each understands beside `min`, `max`, `idle` and `schedule`.
package struct PolicyCatalog: Sendable {
    /// What a parameter may be.
    package enum Kind: Sendable {
        case number(ClosedRange<Double>)
        case duration(ClosedRange<Duration>)
        /// One of some words, or a number where a range is given.
        case word([String], orNumber: ClosedRange<Double>?)
    }

    package struct Parameter: Sendable {
        package var key: String
        package var kind: Kind

        package init(_ key: String, _ kind: Kind) {
            self.key = key
            self.kind = kind
        }
    }

    package struct Policy: Sendable {
        package var name: String
        package var parameters: [Parameter]

        package init(_ name: String, _ parameters: [Parameter] = []) {
            self.name = name
            self.parameters = parameters
        }
    }

    package var policies: [Policy]

    package init(policies: [Policy]) {
        self.policies = policies
    }

    package func policy(named name: String) -> Policy? {
        policies.first { $0.name == name }
    }

    /// The policy of a manifest that names none.
    package static let defaultPolicy = "adaptive"

    /// The policies of the `Scaling` target.
    package static let standard: PolicyCatalog = {
        let window = Duration.seconds(1)...Duration.seconds(3_600)
        let target = Parameter("target", .number(0.01...100_000))
        return PolicyCatalog(policies: [
            Policy("adaptive", [Parameter("cost", .word(["lean", "balanced", "eager"], orNumber: 0...1_000_000))]),
            Policy("fixed"),
            Policy(
                "concurrency",
                [target, Parameter("stable", .duration(window)), Parameter("panic", .duration(window))]
            ),
            Policy("rate", [target, Parameter("stable", .duration(window)), Parameter("panic", .duration(window))]),
            Policy(
                "keda",
                [target, Parameter("polling", .duration(window)), Parameter("cooldown", .duration(window))]
            ),
            Policy("hybrid"),
        ])
    }()
}
