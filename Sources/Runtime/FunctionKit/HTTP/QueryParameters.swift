/// The parameters of a query, decoded, in order; a name may stand several times.
public struct QueryParameters: Sendable, Equatable {
    /// One parameter.
    ///
    /// A name without `=` has an empty value.
    public struct Parameter: Sendable, Equatable {
        /// The decoded name.
        public let name: String
        /// The decoded value.
        public let value: String
    }

    /// All parameters in order.
    public let all: [Parameter]

    /// Decodes a query as forms write it: `&` between parameters, `+` for a space, percent-encoding.
    ///
    /// What cannot be decoded is kept as it stands.
    public init(_ query: String) {
        all = query.utf8.split(separator: UInt8(ascii: "&")).map { part in
            let equals = part.firstIndex(of: UInt8(ascii: "="))
            let name = part[..<(equals ?? part.endIndex)]
            let value = equals.map { part[part.index(after: $0)...] } ?? part[part.endIndex...]
            return Parameter(name: Self.decode(name), value: Self.decode(value))
        }
    }

    /// The first value of a name, or nil.
    public subscript(name: String) -> String? {
        all.first { $0.name == name }?.value
    }

    /// All values of a name, in order.
    public func values(_ name: String) -> [String] {
        all.filter { $0.name == name }.map(\.value)
    }

    /// A whole number, or nil when the parameter is missing.
    ///
    /// - Throws: A `Problem` with status 400 when it is no whole number or out of range.
    public func int(_ name: String, in range: ClosedRange<Int> = .min ... .max) throws -> Int? {
        guard let text = self[name] else { return nil }
        guard let number = Int(text), range.contains(number) else {
            let bounds = range == .min ... .max ? "" : " from \(range.lowerBound) to \(range.upperBound)"
            throw Problem.badRequest("The query parameter '\(name)' must be a whole number\(bounds).")
        }
        return number
    }

    private static func decode(_ part: Substring.UTF8View) -> String {
        PercentEncoding.decode(part, plusIsSpace: true) ?? String(Substring(part))
    }
}
