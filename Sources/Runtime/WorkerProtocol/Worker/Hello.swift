/// The first frame of a worker: who it is and what it runs.
package struct Hello: Equatable, Sendable {
    package var version: UInt16
    /// The secret its launcher gave it.
    package var token: String
    package var workerID: String
    package var function: String
    /// Which build and configuration of the function it runs.
    package var revision: String
    /// The slots it will offer once it is ready.
    package var concurrency: UInt16
    /// Its process id on its own machine.
    package var pid: UInt32

    package init(
        version: UInt16 = ProtocolLimits.version,
        token: String,
        workerID: String,
        function: String,
        revision: String,
        concurrency: UInt16,
        pid: UInt32
    ) {
        self.version = version
        self.token = token
        self.workerID = workerID
        self.function = function
        self.revision = revision
        self.concurrency = concurrency
        self.pid = pid
    }

    init(_ reader: inout PayloadReader) throws(ProtocolViolation) {
        // The version stands first and decides how to read the rest; another version's rest is not read at all,
        // so that a gateway can refuse it in words.
        let version = try reader.uint16()
        guard version == ProtocolLimits.version else {
            self.init(version: version, token: "", workerID: "", function: "", revision: "", concurrency: 0, pid: 0)
            _ = reader.rest()
            return
        }
        let concurrency = try reader.uint16()
        let pid = try reader.uint32()
        self.init(
            version: version,
            token: try reader.text(),
            workerID: try reader.text(),
            function: try reader.text(),
            revision: try reader.text(),
            concurrency: concurrency,
            pid: pid
        )
    }

    func append(to buffer: inout [UInt8]) throws(ProtocolViolation) {
        let writer = PayloadWriter(FrameType.hello, id: 0, to: &buffer)
        writer.integer(version, to: &buffer)
        writer.integer(concurrency, to: &buffer)
        writer.integer(pid, to: &buffer)
        writer.text(token, to: &buffer)
        writer.text(workerID, to: &buffer)
        writer.text(function, to: &buffer)
        writer.text(revision, to: &buffer)
        try writer.finish(&buffer)
    }
}
