import Time

/// `scale` mappings: bounds, policy, windows.
extension ManifestChecker {
    private static let workers = 0...10_000

    mutating func scaleSettings(_ entry: YAMLEntry, defaults: ScaleSettings) -> ScaleSettings {
        var settings = ScaleSettings()
        guard let entries = mapping(entry.value, what: "'scale'", at: entry.keyPosition) else { return settings }
        var parameters: [YAMLEntry] = []
        for entry in entries {
            switch entry.key {
            case "min": settings.min = whole(entry, range: Self.workers)
            case "max": settings.max = whole(entry, range: 1...Self.workers.upperBound)
            case "idle": settings.idle = duration(entry, range: .zero...(.seconds(86_400)))
            case "policy": settings.policy = word(entry, of: policies.policies.map(\.name))
            case "schedule": settings.windows = windows(entry)
            default: parameters.append(entry)
            }
        }
        let policy = settings.policy?.value ?? defaults.policy?.value ?? PolicyCatalog.defaultPolicy
        let policyIsWrong = settings.policy == nil && entries.contains { $0.key == "policy" }
        for entry in parameters where !policyIsWrong || !isParameterOfAny(entry.key) {
            if let value = parameter(entry, of: policy) { settings.parameters.append(value) }
        }
        return settings
    }

    private func isParameterOfAny(_ key: String) -> Bool {
        policies.policies.contains { $0.parameters.contains { $0.key == key } }
    }

    private mutating func parameter(_ entry: YAMLEntry, of name: String) -> Located<PolicyDeclaration.Parameter>? {
        let known = policies.policy(named: name)?.parameters ?? []
        guard let shape = known.first(where: { $0.key == entry.key }) else {
            let others = policies.policies.filter { $0.parameters.contains { $0.key == entry.key } }.map(\.name)
            if others.isEmpty {
                reportUnknown(entry, known: ManifestKeys.scale + known.map(\.key), what: "'scale'")
            } else {
                report(
                    .unknownKey,
                    entry.keyPosition,
                    "the policy '\(name)' has no key '\(entry.key)'",
                    fix: "remove it, or choose a policy that has it: \(others.joined(separator: ", "))"
                )
            }
            return nil
        }
        return value(entry, shape.kind).map { value in
            Located(value: .init(key: entry.key, value: value), position: entry.value.position)
        }
    }

    private mutating func value(_ entry: YAMLEntry, _ kind: PolicyCatalog.Kind) -> PolicyDeclaration.Value? {
        switch kind {
        case .duration(let range):
            return duration(entry, range: range).map { .duration($0) }
        case .number(let range):
            guard let (text, isText, position) = scalar(entry, example: "1") else { return nil }
            return number(text, isText: isText, range: range, key: entry.key, at: position).map { .number($0) }
        case .word(let words, nil):
            return word(entry, of: words).map { .word($0.value) }
        case .word(let words, let range?):
            guard let (text, isText, position) = scalar(entry, example: words.first ?? "1") else { return nil }
            if words.contains(text) { return .word(text) }
            if !isText, Double(text) != nil {
                return number(text, isText: false, range: range, key: entry.key, at: position).map { .number($0) }
            }
            let nearest = NearestName.nearest(to: text, among: words)
            report(
                .badValue,
                position,
                "'\(entry.key)' cannot be '\(text)'",
                fix: nearest.map { "did you mean '\($0)'?" }
                    ?? "write one of \(words.joined(separator: ", ")), or a number"
            )
            return nil
        }
    }

    private mutating func number(
        _ text: String,
        isText: Bool,
        range: ClosedRange<Double>,
        key: String,
        at position: SourcePosition
    ) -> Double? {
        let isDecimal = text.utf8.allSatisfy { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: ".")
                || byte == UInt8(ascii: "-")
        }
        guard !isText, isDecimal, let number = Double(text) else {
            report(
                .wrongType,
                position,
                "'\(key)' must be a number, not '\(text)'",
                fix: "write a number such as 10 or 0.5"
            )
            return nil
        }
        guard range.contains(number) else {
            let bounds = (
                PolicyDeclaration.Value.number(range.lowerBound), PolicyDeclaration.Value.number(range.upperBound)
            )
            report(
                .outOfRange,
                position,
                "'\(key)' is \(text), and must be from \(bounds.0.text) to \(bounds.1.text)",
                fix: "write a number within these bounds"
            )
            return nil
        }
        return number
    }

    /// A function's own settings over the defaults, over ours; nothing when they contradict each other.
    mutating func scale(own: ScaleSettings, defaults: ScaleSettings) -> ScaleDeclaration? {
        let min = own.min ?? defaults.min
        let max = own.max ?? defaults.max
        let greatest = max?.value ?? ScaleDeclaration.defaultMax
        var isRight = true
        if let min, min.value > greatest {
            reportBounds(min, max: max, own: own)
            isRight = false
        }
        let windows = own.windows ?? defaults.windows ?? []
        for window in windows where window.value.min > greatest {
            report(
                .minAboveMax,
                window.position,
                "the window's 'min' of \(window.value.min) is above 'max', which is \(greatest)",
                fix: "raise 'max', or lower the window's 'min'",
                related: max.map { [.init(position: $0.position, message: "'max' is set here")] } ?? []
            )
            isRight = false
        }
        guard isRight else { return nil }
        let keepsDefaultsPolicy = own.policy == nil || own.policy?.value == defaults.policy?.value
        var parameters = keepsDefaultsPolicy ? defaults.parameters.map(\.value) : []
        for parameter in own.parameters.map(\.value) {
            parameters.removeAll { $0.key == parameter.key }
            parameters.append(parameter)
        }
        checkPanic(parameters, own.parameters, defaults.parameters)
        let policy = own.policy?.value ?? defaults.policy?.value ?? PolicyCatalog.defaultPolicy
        return ScaleDeclaration(
            min: min?.value ?? 0,
            max: greatest,
            idle: own.idle ?? defaults.idle ?? (policy == "fixed" ? ScaleDeclaration.fixedIdle : nil),
            policy: PolicyDeclaration(name: policy, parameters: parameters),
            windows: windows.map(\.value)
        )
    }

    /// A burst is told by a window no longer than the one it is compared with.
    private mutating func checkPanic(
        _ parameters: [PolicyDeclaration.Parameter],
        _ own: [Located<PolicyDeclaration.Parameter>],
        _ defaults: [Located<PolicyDeclaration.Parameter>]
    ) {
        func duration(_ key: String) -> Duration? {
            guard case .duration(let duration) = parameters.last(where: { $0.key == key })?.value else { return nil }
            return duration
        }
        let stable = duration("stable") ?? .seconds(60)
        let places = own + defaults
        guard let panic = duration("panic"), panic > stable,
            let place = places.first(where: { $0.value.key == "panic" }) ?? places.first
        else { return }
        report(
            .outOfRange,
            place.position,
            "'panic' is \(DurationText.text(panic)), longer than 'stable', which is \(DurationText.text(stable))",
            fix: "make 'panic' shorter than 'stable', usually a tenth of it"
        )
    }

    private mutating func reportBounds(_ min: Located<Int>, max: Located<Int>?, own: ScaleSettings) {
        let greatest = max?.value ?? ScaleDeclaration.defaultMax
        // Where a function's own 'max' is below the defaults' 'min', the function is the place to mend it.
        let place = own.min == nil ? own.max?.position ?? min.position : min.position
        var related: [Diagnostic.Related] = []
        if let max, max.position != place {
            related.append(.init(position: max.position, message: "'max' is set here"))
        }
        if min.position != place {
            related.append(.init(position: min.position, message: "'min' is set here"))
        }
        report(
            .minAboveMax,
            place,
            "'min' is \(min.value) and above 'max', which is \(greatest)" + (max == nil ? " unless given" : ""),
            fix: "raise 'max' to \(min.value), or lower 'min'",
            related: related
        )
    }
}
