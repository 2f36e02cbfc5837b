/// Reads the text of a route pattern from left to right and stops at the first mistake.
struct RoutePatternReader {
    private typealias Scalar = Unicode.Scalar

    private let text: [Unicode.Scalar]
    private var offset = 0

    init(_ text: String) {
        self.text = Array(text.unicodeScalars)
    }

    private func mistake(_ problem: RoutePatternError.Problem, at offset: Int, _ fix: String) -> RoutePatternError {
        RoutePatternError(problem: problem, column: offset + 1, fix: fix)
    }

    private func string(_ range: Range<Int>) -> String {
        var string = ""
        string.unicodeScalars.append(contentsOf: text[range])
        return string
    }

    /// Reads the method and the spaces behind it.
    mutating func readMethod() throws(RoutePatternError) -> RoutePattern.Method {
        let start = offset
        while offset < text.count, text[offset] != " ", text[offset] != "/" { offset += 1 }
        let name = string(start..<offset)
        guard !name.isEmpty else {
            throw mistake(.missingMethod, at: start, "Begin with a method, as in `GET /path`; ANY stands for all.")
        }
        let isSpelledWell =
            name.unicodeScalars.allSatisfy { ("A"..."Z").contains($0) || ("0"..."9").contains($0) || $0 == "-" }
            && ("A"..."Z").contains(text[start])
        guard isSpelledWell else {
            let capital = name.uppercased()
            let isCaseOnly = capital.unicodeScalars.allSatisfy { ("A"..."Z").contains($0) }
            throw mistake(
                .invalidMethod,
                at: start,
                isCaseOnly
                    ? "Write it in capitals: \(capital)."
                    : "Write a method in capitals, such as GET or POST, and a space."
            )
        }
        guard name != "CONNECT" else {
            throw mistake(.invalidMethod, at: start, "CONNECT asks for a tunnel, which no function can be.")
        }
        guard offset < text.count, text[offset] == " " else {
            if offset == text.count {
                throw mistake(.missingPath, at: offset, "Write a path behind the method, as in `\(name) /path`.")
            }
            throw mistake(.invalidMethod, at: offset, "Write a space between the method and the path.")
        }
        while offset < text.count, text[offset] == " " { offset += 1 }
        return name == "ANY" ? .any : .named(name)
    }

    /// Reads the path.
    mutating func readSegments() throws(RoutePatternError) -> [RoutePattern.Segment] {
        guard offset < text.count else {
            throw mistake(.missingPath, at: offset, "Write a path behind the method, as in `GET /path`.")
        }
        guard text[offset] == "/" else {
            throw mistake(.missingLeadingSlash, at: offset, "Begin the path with a slash.")
        }
        if let query = text.firstIndex(of: "?") {
            throw mistake(.queryInPattern, at: query, "Leave the query out: a function reads it from its request.")
        }
        if offset + 1 == text.count { return [.literal("")] }
        var segments: [RoutePattern.Segment] = []
        var names: Set<String> = []
        while offset < text.count {
            let start = offset + 1
            var end = start
            while end < text.count, text[end] != "/" { end += 1 }
            offset = end
            guard segments.count < RoutePattern.longestPath else {
                throw mistake(.tooManySegments, at: start, "Write a shorter path, or end it with {name...}.")
            }
            let segment = try segment(start..<end)
            switch segment {
            case .literal:
                break
            case .parameter(let name), .rest(let name):
                guard names.insert(name).inserted else {
                    throw mistake(.duplicateParameter, at: start + 1, "Give each parameter a name of its own.")
                }
            }
            segments.append(segment)
            if case .rest(let name) = segment, end < text.count {
                throw mistake(.restNotLast, at: end, "Put {\(name)...} at the end, or write {\(name)}.")
            }
        }
        return segments
    }

    private func segment(_ range: Range<Int>) throws(RoutePatternError) -> RoutePattern.Segment {
        guard let first = range.first else {
            throw mistake(
                .emptySegment,
                at: range.lowerBound,
                range.lowerBound == text.count ? "Leave the slash at the end out." : "Leave one of the slashes out."
            )
        }
        let braces = range.filter { text[$0] == "{" || text[$0] == "}" }
        guard let brace = braces.first else { return .literal(try literal(range, first: first)) }
        guard text[brace] == "{" else {
            throw mistake(.unbalancedBrace, at: brace, "Write a brace `{` before the parameter's name.")
        }
        guard braces.count > 1, text[braces[1]] == "}" else {
            throw mistake(.unbalancedBrace, at: brace, "Close the parameter with a brace `}` within its segment.")
        }
        guard brace == range.lowerBound, braces[1] == range.upperBound - 1 else {
            throw mistake(
                .textBesideBrace,
                at: brace == range.lowerBound ? braces[1] + 1 : range.lowerBound,
                "A parameter stands for a whole segment: put slashes around it, or take it apart in the function."
            )
        }
        return try parameter((brace + 1)..<braces[1])
    }

    private func parameter(_ range: Range<Int>) throws(RoutePatternError) -> RoutePattern.Segment {
        var name = string(range)
        let isRest = name.hasSuffix("...")
        if isRest { name.removeLast(3) }
        if name.hasSuffix("+") || name.hasSuffix("*") {
            throw mistake(
                .foreignParameter,
                at: range.upperBound - 1,
                "For all the rest of the path write {\(name.dropLast())...}."
            )
        }
        let isValid = name.unicodeScalars.enumerated().allSatisfy { index, scalar in
            ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || scalar == "_"
                || index > 0 && (("0"..."9").contains(scalar) || scalar == "-")
        }
        guard isValid, 1...64 ~= name.utf8.count else {
            throw mistake(
                .invalidParameterName,
                at: range.lowerBound,
                "Name it with up to 64 letters, digits, `_` and `-`, a letter or `_` first."
            )
        }
        return isRest ? .rest(name) : .parameter(name)
    }

    private func literal(_ range: Range<Int>, first: Int) throws(RoutePatternError) -> String {
        let literal = string(range)
        if text[first] == ":" {
            throw mistake(.foreignParameter, at: first, "Write a parameter in braces: {\(literal.dropFirst())}.")
        }
        if literal == "*" || literal == "**" {
            throw mistake(.foreignParameter, at: first, "Write {name} for one segment or {name...} for all the rest.")
        }
        switch CanonicalLiteral.check(literal) {
        case .canonical: return literal
        case .spelledAs(let canonical): throw mistake(.invalidLiteral, at: first, "Write it as `\(canonical)`.")
        case .impossible(let fix): throw mistake(.invalidLiteral, at: first, fix)
        }
    }
}
