import Time

/// One setting of a policy as it is written: `target=10`, `stable=60s`, `cost=lean`.
package struct PolicySetting: Hashable, Sendable {
    package var key: String
    package var value: String

    package init(key: String, value: String) {
        self.key = key
        self.value = value
    }
}

/// What is wrong with a policy as it was written, and how to mend it.
package struct PolicyMistake: Error, Hashable, Sendable, CustomStringConvertible {
    /// One sentence without its full stop.
    package var message: String
    /// What to write instead.
    package var fix: String

    package init(_ message: String, fix: String) {
        self.message = message
        self.fix = fix
    }

    package var description: String { "\(message); \(fix)" }
}

/// A policy as text, split but not yet understood: `NAME[:key=value,…]`.
package struct PolicyText: Hashable, Sendable {
    package var name: String
    package var settings: [PolicySetting]

    package init(name: String, settings: [PolicySetting] = []) {
        self.name = name
        self.settings = settings
    }

    /// Splits a text.
    ///
    /// - Throws: ``PolicyMistake`` where it is not so written, or gives a key twice.
    package init(parsing text: String) throws(PolicyMistake) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        name = String(parts[0])
        settings = []
        guard parts.count > 1 else { return }
        for item in parts[1].split(separator: ",", omittingEmptySubsequences: false) {
            let pair = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2, !pair[0].isEmpty, !pair[1].isEmpty else {
                throw PolicyMistake(
                    "'\(item)' in the policy '\(text)' is no setting",
                    fix: "write NAME:key=value,key=value, such as concurrency:target=10,stable=60s"
                )
            }
            let setting = PolicySetting(key: String(pair[0]), value: String(pair[1]))
            guard !settings.contains(where: { $0.key == setting.key }) else {
                throw PolicyMistake("the policy '\(text)' gives '\(setting.key)' twice", fix: "keep one of them")
            }
            settings.append(setting)
        }
    }
}

extension PolicyChoice {
    /// Reads `NAME[:key=value,…]`, the form of `shopfn simulate --policy`.
    ///
    /// - Throws: ``PolicyMistake``.
    package init(parsing text: String) throws(PolicyMistake) {
        let text = try PolicyText(parsing: text)
        try self.init(name: text.name, settings: text.settings)
    }

    /// The policy of a name, with its settings as they are written; what is not given has its default.
    ///
    /// - Throws: ``PolicyMistake`` for a name or key that is unknown, or a value out of its range.
    package init(name: String, settings: [PolicySetting] = []) throws(PolicyMistake) {
        var reader = PolicySettingReader(policy: name, settings: settings)
        switch name {
        case "fixed":
            self = .fixed(idle: try reader.duration("idle", in: .zero...(.seconds(86_400))))
        case "concurrency", "rate":
            var chosen = AverageSettings()
            chosen.target = try reader.number("target", in: 0.01...100_000)
            chosen.stable = try reader.duration("stable", in: PolicySettingReader.window) ?? chosen.stable
            chosen.panic =
                try reader.duration("panic", in: PolicySettingReader.window)
                ?? Swift.min(chosen.panic, chosen.stable)
            guard chosen.panic <= chosen.stable else {
                throw PolicyMistake(
                    "the policy '\(name)' has a panic window of \(DurationText.text(chosen.panic)), longer than its "
                        + "stable window of \(DurationText.text(chosen.stable))",
                    fix: "make 'panic' shorter than 'stable', usually a tenth of it"
                )
            }
            self = name == "rate" ? .rate(chosen) : .concurrency(chosen)
        case "keda":
            var chosen = KedaSettings()
            chosen.target = try reader.number("target", in: 0.01...100_000)
            chosen.polling = try reader.duration("polling", in: PolicySettingReader.window) ?? chosen.polling
            chosen.cooldown = try reader.duration("cooldown", in: PolicySettingReader.window) ?? chosen.cooldown
            self = .keda(chosen)
        case "hybrid":
            self = .hybrid
        case "adaptive":
            self = .adaptive(try reader.cost("cost") ?? .balanced)
        default:
            throw PolicyMistake(
                "there is no policy '\(name)'",
                fix: "the policies are \(Self.names.joined(separator: ", "))"
            )
        }
        try reader.finish()
    }
}

/// Takes settings by their key, and tells of those that nobody took.
struct PolicySettingReader {
    static let window = Duration.seconds(1)...Duration.seconds(3_600)

    private let policy: String
    private var rest: [PolicySetting]
    private var known: [String] = []

    init(policy: String, settings: [PolicySetting]) {
        self.policy = policy
        rest = settings
    }

    private mutating func take(_ key: String) -> String? {
        known.append(key)
        guard let index = rest.firstIndex(where: { $0.key == key }) else { return nil }
        return rest.remove(at: index).value
    }

    mutating func number(_ key: String, in range: ClosedRange<Double>) throws(PolicyMistake) -> Double? {
        guard let text = take(key) else { return nil }
        let bounds = "write a number from \(rounded(range.lowerBound)) to \(rounded(range.upperBound))"
        guard let value = Self.decimal(text) else {
            throw PolicyMistake("'\(key)' of the policy '\(policy)' is '\(text)', no number", fix: bounds)
        }
        guard range.contains(value) else {
            throw PolicyMistake("'\(key)' of the policy '\(policy)' is \(text), out of its range", fix: bounds)
        }
        return value
    }

    mutating func whole(_ key: String, in range: ClosedRange<Int>) throws(PolicyMistake) -> Int? {
        guard let text = take(key) else { return nil }
        guard let value = Int(text), range.contains(value) else {
            throw PolicyMistake(
                "'\(key)' of the policy '\(policy)' is '\(text)'",
                fix: "write a whole number from \(range.lowerBound) to \(range.upperBound)"
            )
        }
        return value
    }

    mutating func duration(_ key: String, in range: ClosedRange<Duration>) throws(PolicyMistake) -> Duration? {
        guard let text = take(key) else { return nil }
        switch DurationText.parse(text) {
        case .failure(let mistake):
            throw PolicyMistake("'\(key)' of the policy '\(policy)': \(mistake.message)", fix: mistake.fix)
        case .success(let value):
            guard range.contains(value) else {
                let bounds = (DurationText.text(range.lowerBound), DurationText.text(range.upperBound))
                throw PolicyMistake(
                    "'\(key)' of the policy '\(policy)' is \(text), out of its range",
                    fix: "write a duration from \(bounds.0) to \(bounds.1)"
                )
            }
            return value
        }
    }

    mutating func cost(_ key: String) throws(PolicyMistake) -> WaitCost? {
        guard let text = take(key) else { return nil }
        switch text {
        case "lean": return .lean
        case "balanced": return .balanced
        case "eager": return .eager
        default:
            guard let value = Self.decimal(text), (0...1_000_000).contains(value) else {
                throw PolicyMistake(
                    "'\(key)' of the policy '\(policy)' is '\(text)'",
                    fix: "write lean, balanced, eager, or worker-seconds a waiting request may cost, from 0 to 1000000"
                )
            }
            return WaitCost(workerSeconds: value)
        }
    }

    /// - Throws: ``PolicyMistake`` where a setting is left over.
    func finish() throws(PolicyMistake) {
        guard let left = rest.first else { return }
        throw PolicyMistake(
            "the policy '\(policy)' has no key '\(left.key)'",
            fix: known.isEmpty ? "it has none; remove it" : "its keys are \(known.joined(separator: ", "))"
        )
    }

    /// The settings that nobody has taken yet.
    var remaining: [PolicySetting] { rest }

    /// A plain decimal number, so neither hexadecimal nor infinite.
    private static func decimal(_ text: String) -> Double? {
        let isPlain = text.utf8.allSatisfy { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: ".")
                || byte == UInt8(ascii: "-")
        }
        return isPlain ? Double(text) : nil
    }
}
