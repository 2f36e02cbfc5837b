import Time

/// Single values: text, whole numbers, durations, sizes, words.
extension ManifestChecker {
    /// A scalar's text with its variables resolved, and whether it is text by its quotes; else it is reported.
    mutating func scalar(_ entry: YAMLEntry, example: String) -> (text: String, isText: Bool, position: SourcePosition)?
    {
        let node = entry.value
        switch node.content {
        case .broken:
            return nil
        case .mapping, .sequence:
            report(
                .wrongType,
                node.position,
                "'\(entry.key)' must be a single value, and this is \(node.kind)",
                fix: "write it as in '\(entry.key): \(example)'; quote '${…}' within braces"
            )
            return nil
        case .scalar(let text, let isQuoted):
            if node.isNull {
                let fix = "write it as in '\(entry.key): \(example)', or remove the key"
                report(.wrongType, entry.keyPosition, "'\(entry.key)' has no value", fix: fix)
                return nil
            }
            let resolved = interpolation.resolve(text)
            for error in resolved.errors { report(error, at: node.position) }
            guard resolved.errors.isEmpty else { return nil }
            return (resolved.text, isQuoted && !resolved.isChanged, node.position)
        }
    }

    /// A whole number within a range.
    mutating func whole(_ entry: YAMLEntry, range: ClosedRange<Int>) -> Located<Int>? {
        guard let (text, isText, position) = scalar(entry, example: String(range.contains(1) ? 1 : range.lowerBound))
        else { return nil }
        guard !isText, let number = NumberWithUnit.whole(text) else {
            let isNumber = NumberWithUnit.whole(text) != nil
            report(
                .wrongType,
                position,
                isNumber
                    ? "'\(entry.key)' is a text here, not a number"
                    : "'\(entry.key)' must be a whole number, not '\(text)'",
                fix: isNumber
                    ? "remove the quotes: \(text)" : "write a number from \(range.lowerBound) to \(range.upperBound)"
            )
            return nil
        }
        guard range.contains(number) else {
            report(
                .outOfRange,
                position,
                "'\(entry.key)' is \(number), and must be from \(range.lowerBound) to \(range.upperBound)",
                fix: "write a number within these bounds"
            )
            return nil
        }
        return Located(value: number, position: position)
    }

    /// A duration within a range.
    mutating func duration(_ entry: YAMLEntry, range: ClosedRange<Duration>) -> Duration? {
        guard let (text, _, position) = scalar(entry, example: "10s") else { return nil }
        switch DurationText.parse(text) {
        case .failure(let mistake):
            report(mistake.isOutOfRange ? .outOfRange : .badDuration, position, mistake.message, fix: mistake.fix)
            return nil
        case .success(let duration):
            guard !range.contains(duration) else { return duration }
            let bounds = (DurationText.text(range.lowerBound), DurationText.text(range.upperBound))
            report(
                .outOfRange,
                position,
                "'\(entry.key)' is \(text), and must be from \(bounds.0) to \(bounds.1)",
                fix: "write a duration within these bounds"
            )
            return nil
        }
    }

    /// A size in bytes within a range.
    mutating func size(_ entry: YAMLEntry, range: ClosedRange<Int>) -> Int? {
        guard let (text, _, position) = scalar(entry, example: "128Mi") else { return nil }
        switch SizeText.parse(text) {
        case .failure(let error):
            report(error, at: position)
            return nil
        case .success(let size):
            guard !range.contains(size) else { return size }
            let bounds = (SizeText.text(range.lowerBound), SizeText.text(range.upperBound))
            report(
                .outOfRange,
                position,
                "'\(entry.key)' is \(text), and must be from \(bounds.0) to \(bounds.1)",
                fix: "write a size within these bounds"
            )
            return nil
        }
    }

    /// One of some words.
    mutating func word(_ entry: YAMLEntry, of words: [String]) -> Located<String>? {
        guard let (text, _, position) = scalar(entry, example: words.first ?? "") else { return nil }
        if words.contains(text) { return Located(value: text, position: position) }
        let nearest = NearestName.nearest(to: text, among: words)
        report(
            .badValue,
            position,
            "'\(entry.key)' cannot be '\(text)'",
            fix: nearest.map { "did you mean '\($0)'?" } ?? "write one of \(words.joined(separator: ", "))"
        )
        return nil
    }

    /// A DNS label.
    mutating func name(_ entry: YAMLEntry, what: String) -> String? {
        guard let (text, _, position) = scalar(entry, example: "shop") else { return nil }
        if Naming.isName(text) { return text }
        report(
            .badName,
            position,
            "'\(text)' is no name for a \(what)",
            fix: Naming.mended(text).map { "write '\($0)'" } ?? Naming.nameFix
        )
        return nil
    }

    /// A time zone's name; UTC when the entry is missing.
    mutating func timeZone(_ entry: YAMLEntry?) -> String? {
        guard let entry else { return "UTC" }
        guard let (text, _, position) = scalar(entry, example: "Europe/Berlin") else { return nil }
        if isTimeZone(text) { return text }
        report(
            .badValue,
            position,
            "'\(text)' is no time zone this machine knows",
            fix:
                "write a name of the IANA database such as UTC or Europe/Berlin; where it is one, install the package tzdata"
        )
        return nil
    }
}
