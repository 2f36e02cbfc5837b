/// A launcher's order to fork one worker.
package struct Spawn: Equatable, Sendable {
    package var workerID: String
    package var function: String
    /// The handler type's name.
    package var handler: String
    /// Where the worker connects, in the form of the `--gateway` option: `unix:///path`.
    package var gateway: String
    package var token: String
    package var revision: String
    package var concurrency: UInt16
    /// The most memory the worker may hold, in bytes; 0 for no limit.
    package var memoryLimit: UInt64
    /// Variables set in the worker besides those of the template.
    package var environment: [Variable]

    package struct Variable: Equatable, Sendable {
        package var name: String
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package init(
        workerID: String,
        function: String,
        handler: String,
        gateway: String,
        token: String,
        revision: String,
        concurrency: UInt16,
        memoryLimit: UInt64 = 0,
        environment: [Variable] = []
    ) {
        self.workerID = workerID
        self.function = function
        self.handler = handler
        self.gateway = gateway
        self.token = token
        self.revision = revision
        self.concurrency = concurrency
        self.memoryLimit = memoryLimit
        self.environment = environment
    }

    init(_ reader: inout PayloadReader) throws(ProtocolViolation) {
        concurrency = try reader.uint16()
        memoryLimit = try reader.uint64()
        workerID = try reader.text()
        function = try reader.text()
        handler = try reader.text()
        gateway = try reader.text()
        token = try reader.text()
        revision = try reader.text()
        environment = []
        for _ in 0..<(try reader.count()) {
            environment.append(Variable(try reader.text(), try reader.text()))
        }
    }

    func append(request: UInt32, to buffer: inout [UInt8]) throws(ProtocolViolation) {
        let writer = PayloadWriter(FrameType.spawn, id: request, to: &buffer)
        guard environment.count <= UInt16.max else {
            writer.abandon(&buffer)
            throw ProtocolViolation(.badValue, frame: FrameType.spawn, "more than \(UInt16.max) variables")
        }
        writer.integer(concurrency, to: &buffer)
        writer.integer(memoryLimit, to: &buffer)
        for text in [workerID, function, handler, gateway, token, revision] {
            writer.text(text, to: &buffer)
        }
        writer.integer(UInt16(truncatingIfNeeded: environment.count), to: &buffer)
        for variable in environment {
            writer.text(variable.name, to: &buffer)
            writer.text(variable.value, to: &buffer)
        }
        try writer.finish(&buffer)
    }
}
