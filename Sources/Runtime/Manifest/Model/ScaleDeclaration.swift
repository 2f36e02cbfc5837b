import Time

/// How many workers a pool may have, and who decides.
package struct ScaleDeclaration: Sendable, Equatable {
    /// The least number of workers, kept warm.
    package var min: Int
    /// The greatest number of workers; never exceeded.
    package var max: Int
    /// The longest a worker that is not needed may stay; `nil` leaves it to the policy.
    package var idle: Duration?
    /// The policy that decides between `min` and `max`.
    package var policy: PolicyDeclaration
    /// Times at which `min` is higher.
    package var windows: [ScaleWindow]

    package init(
        min: Int = 0,
        max: Int = ScaleDeclaration.defaultMax,
        idle: Duration? = nil,
        policy: PolicyDeclaration = PolicyDeclaration(name: PolicyCatalog.defaultPolicy),
        windows: [ScaleWindow] = []
    ) {
        self.min = min
        self.max = max
        self.idle = idle
        self.policy = policy
        self.windows = windows
    }

    package static let defaultMax = 8
    /// How long the policy `fixed` keeps a worker where nothing else is said.
    package static let fixedIdle = Duration.seconds(60)
}

/// A scaling policy by name, with the parameters the manifest gives it.
package struct PolicyDeclaration: Sendable, Equatable {
    /// A parameter as checked against the policy's shape.
    package struct Parameter: Sendable, Equatable {
        package var key: String
        package var value: Value

        package init(key: String, value: Value) {
            self.key = key
            self.value = value
        }
    }

    package enum Value: Sendable, Equatable {
        case number(Double)
        case duration(Duration)
        case word(String)

        /// The value as a manifest would write it.
        package var text: String {
            switch self {
            case .number(let number):
                number == number.rounded() && abs(number) < 1e15 ? String(Int64(number)) : String(number)
            case .duration(let duration): DurationText.text(duration)
            case .word(let word): word
            }
        }
    }

    package var name: String
    /// In the order of the file.
    package var parameters: [Parameter]

    package init(name: String, parameters: [Parameter] = []) {
        self.name = name
        self.parameters = parameters
    }

    /// The policy in one word, as `shopfn simulate --policy` takes it: `concurrency:target=10,stable=60s`.
    package var specification: String {
        guard !parameters.isEmpty else { return name }
        return name + ":" + parameters.map { "\($0.key)=\($0.value.text)" }.joined(separator: ",")
    }
}
