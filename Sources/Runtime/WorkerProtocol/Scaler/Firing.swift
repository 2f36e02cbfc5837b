/// An invocation that a schedule makes, as whoever keeps the schedules asks a gateway for it.
package struct Firing: Equatable, Sendable {
    /// Tells the answers to one scaler apart.
    package var number: UInt64
    package var function: String
    /// The schedule as the manifest has it, for the handler to see.
    package var schedule: String

    package init(number: UInt64, function: String, schedule: String) {
        self.number = number
        self.function = function
        self.schedule = schedule
    }

    init(_ reader: inout PayloadReader) throws(ProtocolViolation) {
        self.init(number: try reader.uint64(), function: try reader.text(), schedule: try reader.text())
    }

    func append(to buffer: inout [UInt8]) throws(ProtocolViolation) {
        let writer = PayloadWriter(FrameType.fire, id: 0, to: &buffer)
        writer.integer(number, to: &buffer)
        writer.text(function, to: &buffer)
        writer.text(schedule, to: &buffer)
        try writer.finish(&buffer)
    }
}

/// What became of a ``Firing``.
package struct Fired: Equatable, Sendable {
    package var number: UInt64
    /// The function's answer, or the gateway's in its stead; `nil` where the gateway did not take it.
    package var status: UInt16?
    /// What was said with a failure, or why it was not taken.
    package var message: String

    package init(number: UInt64, status: UInt16?, message: String = "") {
        self.number = number
        self.status = status
        self.message = message
    }

    init(_ reader: inout PayloadReader) throws(ProtocolViolation) {
        number = try reader.uint64()
        let status = try reader.uint16()
        self.status = status == 0 ? nil : status
        message = try reader.text()
    }

    func append(to buffer: inout [UInt8]) throws(ProtocolViolation) {
        let writer = PayloadWriter(FrameType.fired, id: 0, to: &buffer)
        writer.integer(number, to: &buffer)
        writer.integer(status ?? 0, to: &buffer)
        writer.message(message, to: &buffer)
        try writer.finish(&buffer)
    }
}
