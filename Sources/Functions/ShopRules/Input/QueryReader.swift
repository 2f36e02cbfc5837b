/// Reads the parameters of a query and collects everything that is wrong with them.
package struct QueryReader {
    private let parameters: [(name: String, value: String)]
    private var mistakes: [FieldMistake] = []

    /// Reads parameters; those that are not known are mistakes, as are repeated ones.
    package init(_ parameters: [(name: String, value: String)], known: [String]) {
        self.parameters = parameters
        var seen: Set<String> = []
        for parameter in parameters {
            if !known.contains(parameter.name) {
                mistake(parameter.name, "is not known; known are \(known.joined(separator: ", "))")
            } else if !seen.insert(parameter.name).inserted {
                mistake(parameter.name, "is given more than once")
            }
        }
    }

    /// Notes a mistake.
    package mutating func mistake(_ field: String, _ detail: String) {
        mistakes.append(FieldMistake(field: field, place: .query, detail: detail))
    }

    /// A text of at most `longest` characters; nil when the parameter is missing or empty.
    package mutating func text(_ name: String, longest: Int) -> String? {
        guard let value = parameters.first(where: { $0.name == name })?.value, !value.isEmpty else { return nil }
        guard value.unicodeScalars.count <= longest else {
            mistake(name, "may have at most \(longest) characters")
            return nil
        }
        guard !value.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            mistake(name, "holds a control character")
            return nil
        }
        return value
    }

    /// A whole number within bounds; nil when the parameter is missing.
    package mutating func int(_ name: String, in range: ClosedRange<Int>) -> Int? {
        guard let value = parameters.first(where: { $0.name == name })?.value else { return nil }
        // `Int` also takes a leading plus sign, which a query writes as %2B; nobody means it.
        guard value.first != "+", let number = Int(value), range.contains(number) else {
            mistake(name, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return number
    }

    /// One of a few words; nil when the parameter is missing or empty.
    package mutating func choice<Choice>(_ name: String, _ type: Choice.Type) -> Choice?
    where Choice: RawRepresentable<String> & CaseIterable {
        guard let value = text(name, longest: 100) else { return nil }
        if let choice = Choice(rawValue: value) { return choice }
        mistake(name, "must be one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        return nil
    }

    /// The parameters `page` and `size`.
    package mutating func page() -> PageRequest {
        PageRequest(
            page: int("page", in: 1...PageRequest.lastPage) ?? 1,
            size: int("size", in: 1...PageRequest.largestSize) ?? 20
        )
    }

    /// Ends the reading.
    ///
    /// - Throws: ``InvalidInput`` when there was any mistake.
    package func finish() throws(InvalidInput) {
        if !mistakes.isEmpty { throw InvalidInput(mistakes) }
    }
}
