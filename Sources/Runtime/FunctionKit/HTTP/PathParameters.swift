internal import WorkerProtocol

/// The values of a route's `{name}` segments, percent-decoded.
public struct PathParameters: Sendable {
    private let fields: Fields

    init(_ fields: Fields) {
        self.fields = fields
    }

    /// The value of a parameter, or nil when the route has none of that name.
    public subscript(name: String) -> String? {
        fields.strings.first { $0.name == name }?.value
    }

    /// The value of a parameter that the route must have.
    ///
    /// - Throws: `MissingPathParameter`, answered with status 500: the route in `functions.yaml` is wrong.
    public func require(_ name: String) throws -> String {
        guard let value = self[name] else { throw MissingPathParameter(name: name) }
        return value
    }

    /// All parameters, in the route's order.
    public var all: [(name: String, value: String)] { fields.strings }
}

/// The route has no segment of the name that the handler asks for.
public struct MissingPathParameter: Error, Equatable, CustomStringConvertible {
    /// The name asked for.
    public let name: String

    /// A sentence for logs.
    public var description: String {
        "the request has no path parameter {\(name)}; add it to the route in functions.yaml, or to the event"
    }
}
