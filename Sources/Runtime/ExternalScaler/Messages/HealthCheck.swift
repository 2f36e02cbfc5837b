/// The question whether a service is well, of `grpc.health.v1.Health`
/// (<https://github.com/grpc/grpc/blob/master/doc/health-checking.md>).
package struct HealthCheckRequest: WireMessage {
    /// A service's full name; empty for the server as a whole.
    package var service = ""

    package init() {}

    package mutating func read(_ field: WireField) throws(WireError) {
        if field.number == 1 { service = try field.text() ?? service }
    }

    package func write(to writer: inout WireWriter) {
        writer.text(1, service)
    }
}

/// Whether a service is well.
package struct HealthCheckResponse: WireMessage {
    package enum Status: Int64, Sendable {
        case unknown = 0
        case serving = 1
        case notServing = 2
    }

    package var status = Status.unknown

    package init() {}

    package init(status: Status) { self.status = status }

    package mutating func read(_ field: WireField) throws(WireError) {
        if field.number == 1, let integer = field.integer { status = Status(rawValue: integer) ?? .unknown }
    }

    package func write(to writer: inout WireWriter) {
        writer.integer(1, status.rawValue)
    }
}
