import Routing

/// The documented rules, put as plainly as possible: all routes are tried, and the candidates compared in pairs.
struct ReferenceMatcher {
    let patterns: [RoutePattern]

    func answer(_ method: String, _ path: String) -> Answer {
        let segments = Self.split(path)
        let matching = patterns.filter { Self.parameters(of: $0, segments) != nil }
        let accepting = matching.filter { Self.rank($0, method) != nil }
        let best = accepting.max { left, right in Self.isLessSpecific(left, right, method) }
        if let best { return .found(best.description, Self.parameters(of: best, segments) ?? []) }
        if matching.isEmpty { return .notFound }
        var allow = Set(matching.map(\.method.description))
        if allow.contains("GET") { allow.insert("HEAD") }
        allow.insert("OPTIONS")
        return .methodNotAllowed(allow.sorted().joined(separator: ", "))
    }

    private static func split(_ path: String) -> [String] {
        path.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    }

    /// The parameters' values, or nil when the path does not match.
    private static func parameters(of pattern: RoutePattern, _ path: [String]) -> [String]? {
        var values: [String] = []
        for (index, segment) in pattern.segments.enumerated() {
            guard index < path.count else { return nil }
            switch segment {
            case .literal(let text): if path[index] != text { return nil }
            case .parameter:
                if path[index].isEmpty { return nil }
                values.append(path[index])
            case .rest: return values + [path[index...].joined(separator: "/")]
            }
        }
        return pattern.segments.count == path.count ? values : nil
    }

    /// How well a method fits, or nil when it does not.
    private static func rank(_ pattern: RoutePattern, _ method: String) -> Int? {
        switch pattern.method {
        case .named(method): 2
        case .named("GET") where method == "HEAD": 1
        case .any: 0
        case .named: nil
        }
    }

    private static func isLessSpecific(_ left: RoutePattern, _ right: RoutePattern, _ method: String) -> Bool {
        for (first, second) in zip(left.segments, right.segments) where weight(first) != weight(second) {
            return weight(first) < weight(second)
        }
        return (rank(left, method) ?? -1) < (rank(right, method) ?? -1)
    }

    private static func weight(_ segment: RoutePattern.Segment) -> Int {
        switch segment {
        case .literal: 2
        case .parameter: 1
        case .rest: 0
        }
    }
}
