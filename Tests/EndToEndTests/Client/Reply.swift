import JSON

/// A response as it came over the wire.
struct Reply: CustomStringConvertible {
    var status: Int
    var version: String
    var headers: [(name: String, value: String)]
    var body: [UInt8]
    /// Whether the server goes on with the connection.
    var keepsAlive: Bool
    /// Whether the body came in chunks.
    var isChunked = false

    subscript(name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    func values(_ name: String) -> [String] {
        headers.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
    }

    var text: String { String(decoding: body, as: UTF8.self) }

    var json: JSONValue {
        get throws {
            do {
                return try JSONValue(parsing: body)
            } catch {
                throw TestFailure("no JSON: \(description)")
            }
        }
    }

    /// The name of a problem document's type, such as `queue-full`.
    var problem: String? {
        guard self["content-type"] == "application/problem+json" else { return nil }
        return (try? json)?["type"]?.stringValue?.split(separator: ":").last.map(String.init)
    }

    /// What a problem document says.
    var detail: String { (try? json)?["detail"]?.stringValue ?? "" }

    var description: String {
        "\(status) " + headers.map { "\($0.name): \($0.value)" }.joined(separator: ", ") + " | \(text.prefix(300))"
    }
}
