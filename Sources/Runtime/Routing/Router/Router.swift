/// Finds the route of a request among many, without making a String.
///
/// All routes stand in one trie over the segments of their paths. The children of all its nodes by literal share one
/// hash table, so a step costs the same whether a node has two of them or ten thousand. Where the more specific branch
/// leads nowhere, the search goes back to the next one; each node is visited once at most.
package struct Router<Value: Sendable>: Sendable {
    private let trie: RouteTrie
    private let values: [Value]

    /// Builds a router of routes whose patterns do not overlap.
    ///
    /// - Throws: the first two routes that match the same requests equally well.
    package init(_ routes: [(RoutePattern, Value)]) throws(RouteConflict) {
        var builder = RouteTrieBuilder()
        for (pattern, _) in routes { try builder.add(pattern) }
        trie = builder.finish()
        values = routes.map(\.1)
    }

    /// Finds the route for a method and a path in canonical form, both as they stand in a request's head.
    package func match(method: UnsafeRawBufferPointer, path: UnsafeRawBufferPointer) -> RouteResult<Value> {
        switch trie.find(method: method, path: path) {
        case .found(let route):
            .found(RouteMatch(value: values[route], parameters: trie.parameters(of: route, in: path)))
        case .methodNotAllowed: .methodNotAllowed(allow: trie.allowedMethods(path: path))
        case .notFound: .notFound
        }
    }
}

/// What a router knows about a request.
package enum RouteResult<Value: Sendable>: Sendable {
    /// This route answers it.
    case found(RouteMatch<Value>)
    /// Routes have this path, but none has the method.
    ///
    /// `allow` is the value of the `Allow` field: the methods that have a route, `HEAD` where `GET` has one, and
    /// `OPTIONS`, which the caller answers itself where no route does.
    case methodNotAllowed(allow: String)
    /// No route has this path.
    case notFound
}

/// The route that a request matches.
package struct RouteMatch<Value: Sendable>: Sendable {
    /// What the route leads to.
    package let value: Value
    /// Where the parameters stand in the path, still escaped, in the order of `RoutePattern.parameterNames`.
    ///
    /// `PathParameter.decode` makes their values of them.
    package let parameters: [Range<Int>]
}

/// Two routes with the same method and the same shape of path.
package struct RouteConflict: Error, Sendable, Hashable, CustomStringConvertible {
    /// The position of the earlier route.
    package let first: Int
    /// The position of the later route.
    package let second: Int
    /// The pattern of the later route.
    package let pattern: RoutePattern

    /// Which routes are in conflict, and how to mend it.
    package var description: String {
        "The routes at positions \(first) and \(second) match the same requests (\(pattern)). Change or remove one."
    }
}
