/// A method and the shape of a path, as `GET /api/products/{product}`.
///
/// A path is a slash and segments between slashes. A segment of a pattern is a literal, `{name}`, which stands for
/// exactly one segment that is not empty, or at the end `{name...}`, which stands for all that follows the slash before
/// it, even nothing. The method `ANY` stands for all methods. A trailing slash makes another path, which only a pattern
/// that ends in `{name...}` matches.
///
/// **Precedence.** Of all patterns that match a request's path and method, the one is chosen whose first differing
/// segment is the more specific, read from left to right: a literal before `{name}`, `{name}` before `{name...}`. So
/// `/a/b/{y}` goes before `/a/{x}/c`. Where the shapes are equal, a named method goes before `GET` standing in for
/// `HEAD`, and that before `ANY`. This order is total, so two patterns are in conflict only when both method and shape
/// are the same.
package struct RoutePattern: Sendable, Hashable {
    /// The method that a pattern asks for.
    package enum Method: Sendable, Hashable {
        /// All methods.
        case any
        /// This one; `GET` answers `HEAD` as well where nothing more specific does.
        case named(String)
    }

    /// What one segment of the path must be.
    package enum Segment: Sendable, Hashable {
        /// This text, in canonical escapes; empty only in the pattern of the root.
        case literal(String)
        /// Anything but nothing, up to the next slash.
        case parameter(String)
        /// All that is left, slashes included.
        case rest(String)
    }

    /// How many segments a pattern may have; it bounds how deep a router searches.
    package static let longestPath = 64

    /// The method asked for.
    package let method: Method
    /// The segments behind each slash, at least one.
    package let segments: [Segment]

    /// Reads a pattern such as `GET /api/products/{product}`.
    ///
    /// - Throws: the first mistake, with its column and how to mend it.
    package init(_ text: String) throws(RoutePatternError) {
        var reader = RoutePatternReader(text)
        method = try reader.readMethod()
        segments = try reader.readSegments()
    }

    /// The names of the parameters, in the order in which a match gives their ranges.
    package var parameterNames: [String] {
        segments.compactMap { segment in
            switch segment {
            case .literal: nil
            case .parameter(let name), .rest(let name): name
            }
        }
    }

    /// The path's part of the pattern, from its first slash.
    package var path: String {
        segments.map { segment in
            switch segment {
            case .literal(let text): "/\(text)"
            case .parameter(let name): "/{\(name)}"
            case .rest(let name): "/{\(name)...}"
            }
        }.joined()
    }

    /// A path that the pattern matches: each parameter is filled with its own name.
    package var samplePath: String {
        segments.map { segment in
            switch segment {
            case .literal(let text), .parameter(let text), .rest(let text): "/\(text)"
            }
        }.joined()
    }

    /// Whether some request matches both patterns and neither is the more specific.
    ///
    /// That is so only when they have the same method and the same shape, whatever their parameters are called.
    package func overlaps(_ other: RoutePattern) -> Bool {
        method == other.method && segments.count == other.segments.count
            && zip(segments, other.segments).allSatisfy { $0.hasShape(of: $1) }
    }
}

extension RoutePattern: CustomStringConvertible {
    /// The pattern as it is written, with one space behind the method.
    package var description: String { "\(method) \(path)" }
}

extension RoutePattern.Method: CustomStringConvertible {
    /// The method as a pattern writes it.
    package var description: String {
        switch self {
        case .any: "ANY"
        case .named(let name): name
        }
    }
}

extension RoutePattern.Segment {
    fileprivate func hasShape(of other: Self) -> Bool {
        switch (self, other) {
        case (.literal(let left), .literal(let right)): left == right
        case (.parameter, .parameter), (.rest, .rest): true
        case (.literal, _), (.parameter, _), (.rest, _): false
        }
    }
}
