import Routing

/// Where a function names its route.
struct RouteReference: Sendable {
    var function: String
    var route: Located<RoutePattern>
}

/// Routes that match the same requests.
extension ManifestChecker {
    mutating func reportRouteConflicts(_ references: [RouteReference]) {
        var first: [RouteShape: RouteReference] = [:]
        for reference in references {
            let shape = RouteShape(reference.route.value)
            guard let other = first[shape] else {
                first[shape] = reference
                continue
            }
            report(
                .conflictingRoutes,
                reference.route.position,
                "the routes of '\(reference.function)' and '\(other.function)' match the same requests",
                fix: "change the method or the path of one, or remove one of the two functions",
                related: [.init(position: other.route.position, message: "the route of '\(other.function)' is here")]
            )
        }
    }
}

/// What two routes share when neither is more specific: `RoutePattern.overlaps`, as a key of a dictionary.
private struct RouteShape: Hashable {
    private let method: RoutePattern.Method
    /// A literal's text; parameters differ in kind only.
    private let segments: [Segment]

    private enum Segment: Hashable {
        case literal(String)
        case parameter
        case rest
    }

    init(_ route: RoutePattern) {
        method = route.method
        segments = route.segments.map { segment in
            switch segment {
            case .literal(let text): .literal(text)
            case .parameter: .parameter
            case .rest: .rest
            }
        }
    }
}
