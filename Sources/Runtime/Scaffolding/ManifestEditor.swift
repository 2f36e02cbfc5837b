package import Manifest

/// Adds a function to a manifest's text and leaves the rest of it as it is: comments, spacing, line breaks.
package struct ManifestEditor {
    private let source: SourceText
    private let environment: (String) -> String?

    /// Edits a text, and reads the result again to see that the change is right.
    ///
    /// - Parameters:
    ///   - source: The manifest's text.
    ///   - environment: Gives a variable's value, or nothing when it is not set.
    package init(_ source: SourceText, environment: @escaping (String) -> String?) {
        self.source = source
        self.environment = environment
    }

    /// The text with a function added at the end of `functions`.
    ///
    /// - Throws: `ScaffoldError` when the manifest is laid out so that a line cannot simply be added, or when the
    ///   function would make it wrong: the name exists, or the route is taken.
    package func adding(_ function: NewFunction) throws(ScaffoldError) -> String {
        let before = ManifestReading(source, environment: environment)
        guard let old = before.manifest else {
            throw ScaffoldError("\(source.file) has mistakes already", fix: "run 'shopfn check' and mend them first")
        }
        guard old.function(named: function.name) == nil else {
            let line = before.places[function.name].map { " on line \($0.name.line)" } ?? ""
            throw ScaffoldError(
                "\(source.file) has a function '\(function.name)' already\(line)",
                fix: "choose another name"
            )
        }
        let text = try insertion(of: function)
        let after = ManifestReading(SourceText(text, file: source.file), environment: environment)
        if let mistake = after.diagnostics.first {
            throw ScaffoldError("with this function, \(mistake.message)", fix: mistake.fix)
        }
        // The change must add this function and change no other.
        guard let new = after.manifest, new.service == old.service, new.functions.dropLast() == old.functions[...],
            let added = new.functions.last,
            (added.name, added.module, added.handler) == (function.name, function.module, function.handler)
        else { throw cannotEdit(function) }
        return text
    }

    private func insertion(of function: NewFunction) throws(ScaffoldError) -> String {
        var lines = (1...source.lineCount).map { source.line($0) ?? "" }
        let lineBreak = usesCarriageReturns ? "\r\n" : "\n"
        guard let head = lines.firstIndex(where: { $0.hasPrefix("functions:") }) else { throw cannotEdit(function) }
        let rest = lines[head].dropFirst("functions:".count).drop { $0 == " " }
        if rest.hasPrefix("{}") {
            lines[head] = "functions:" + rest.dropFirst(2)
        } else if !rest.isEmpty, !rest.hasPrefix("#") {
            throw cannotEdit(function)
        }
        var end = head + 1
        var last = head
        var indentation = 2
        var names: [Int] = []
        while end < lines.count {
            let depth = lines[end].prefix { $0 == " " }.count
            let content = lines[end].dropFirst(depth)
            let isComment = content.hasPrefix("#")
            if !content.isEmpty, depth == 0, !isComment { break }
            if !content.isEmpty, !isComment {
                if names.isEmpty { indentation = depth }
                if depth == indentation { names.append(end) }
            }
            // A comment that is indented belongs to the functions; one that is not, to what comes next.
            if !content.isEmpty, depth > 0 { last = end }
            end += 1
        }
        let spaced = names.count > 1 && names.dropFirst().contains { lineIsBlankAbove($0, in: lines) }
        let entry = (spaced ? [""] : []) + function.lines(indentation: indentation)
        lines.insert(contentsOf: entry, at: last + 1)
        if lines.last != "" { lines.append("") }
        return lines.joined(separator: lineBreak)
    }

    /// Whether an empty line stands above a function and the comments right above it.
    private func lineIsBlankAbove(_ index: Int, in lines: [String]) -> Bool {
        var index = index - 1
        while index > 0, lines[index].drop(while: { $0 == " " }).hasPrefix("#") { index -= 1 }
        return index > 0 && lines[index].allSatisfy { $0 == " " }
    }

    private var usesCarriageReturns: Bool {
        guard let end = source.bytes.firstIndex(of: UInt8(ascii: "\n")), end > 0 else { return false }
        return source.bytes[end - 1] == UInt8(ascii: "\r")
    }

    private func cannotEdit(_ function: NewFunction) -> ScaffoldError {
        let entry = function.lines(indentation: 2).map { $0.drop { $0 == " " } }
        let inBraces = "\(entry[0]) { \(entry[1]), \(entry[2]), \(entry[3]) }"
        return ScaffoldError(
            "'functions' in \(source.file) is not laid out in lines that one can be added to",
            fix:
                "write 'functions:' on a line of its own with the functions indented below, or add by hand: \(inBraces)"
        )
    }
}

/// The function to add.
package struct NewFunction: Sendable, Equatable {
    /// What is to invoke it.
    package enum Trigger: Sendable, Equatable {
        /// A method and a path.
        case route(String)
        /// An interval or a cron expression, as a manifest has it.
        case schedule(String)
    }

    package var name: String
    package var module: String
    package var handler: String
    package var trigger: Trigger

    package init(name: String, module: String, handler: String, trigger: Trigger) {
        self.name = name
        self.module = module
        self.handler = handler
        self.trigger = trigger
    }

    fileprivate func lines(indentation: Int) -> [String] {
        let outer = String(repeating: " ", count: indentation)
        let inner = String(repeating: " ", count: indentation * 2)
        return ["\(outer)\(name):", "\(inner)module: \(module)", "\(inner)handler: \(handler)", inner + triggerLine]
    }

    /// The trigger as a line of the manifest; a schedule that is more than words is quoted, since YAML takes a leading
    /// star for an alias.
    fileprivate var triggerLine: String {
        switch trigger {
        case .route(let route): "route: \(route)"
        case .schedule(let schedule) where schedule.utf8.allSatisfy(Self.isPlain): "schedule: \(schedule)"
        case .schedule(let schedule):
            "schedule: \"\(schedule.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined())\""
        }
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: " "): true
        default: false
        }
    }
}
