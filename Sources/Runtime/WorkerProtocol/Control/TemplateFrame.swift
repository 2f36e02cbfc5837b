/// A frame from a template to its launcher.
package enum TemplateFrame: Equatable, Sendable {
    /// The template can fork.
    case ready(TemplateReady)
    /// The worker of this request is the process `pid`.
    case forked(request: UInt32, pid: Int32)
    /// There is no worker for this request.
    case forkFailed(request: UInt32, errno: Int32, message: String)
    /// A worker's process is gone.
    case exited(WorkerExit)

    /// The first frame of `bytes` and how many bytes it took, or nil when not all of it is there.
    package static func decode(
        _ bytes: UnsafeRawBufferPointer
    ) throws(ProtocolViolation) -> (frame: TemplateFrame, size: Int)? {
        guard let raw = try RawFrame(bytes, maximumFrame: ProtocolLimits.maximumFrame) else { return nil }
        return (try TemplateFrame(raw), raw.header.frameSize)
    }

    private init(_ raw: RawFrame) throws(ProtocolViolation) {
        var reader = PayloadReader(raw)
        switch raw.header.type {
        case FrameType.ready:
            try raw.requireConnectionLevel()
            self = .ready(try TemplateReady(&reader))
        case FrameType.forked:
            self = .forked(request: try raw.invocation(), pid: Int32(bitPattern: try reader.uint32()))
        case FrameType.forkFailed:
            self = .forkFailed(
                request: try raw.invocation(),
                errno: Int32(bitPattern: try reader.uint32()),
                message: try reader.text()
            )
        case FrameType.exited:
            try raw.requireConnectionLevel()
            self = .exited(try WorkerExit(&reader))
        default:
            throw ProtocolViolation(.unknownType, frame: raw.header.type, "a template sends no frame of this type")
        }
        try reader.finish()
    }

    /// Appends the frame to `buffer`.
    ///
    /// - Throws: `ProtocolViolation` when it would be larger than a frame may be; the buffer is then as before.
    package func append(to buffer: inout [UInt8]) throws(ProtocolViolation) {
        switch self {
        case .ready(let ready):
            try ready.append(to: &buffer)
        case .forked(let request, let pid):
            let writer = PayloadWriter(FrameType.forked, id: request, to: &buffer)
            writer.integer(pid, to: &buffer)
            try writer.finish(&buffer)
        case .forkFailed(let request, let errno, let message):
            let writer = PayloadWriter(FrameType.forkFailed, id: request, to: &buffer)
            writer.integer(errno, to: &buffer)
            writer.message(message, to: &buffer)
            try writer.finish(&buffer)
        case .exited(let exit):
            try exit.append(to: &buffer)
        }
    }
}

/// What a template says once it can fork.
package struct TemplateReady: Equatable, Sendable {
    package var pid: Int32
    package var module: String
    /// The version of the worker's protocol it was built with.
    package var version: UInt16
    /// The handlers the module holds.
    package var handlers: [String]

    package init(pid: Int32, module: String, version: UInt16 = ProtocolLimits.version, handlers: [String]) {
        self.pid = pid
        self.module = module
        self.version = version
        self.handlers = handlers
    }

    init(_ reader: inout PayloadReader) throws(ProtocolViolation) {
        version = try reader.uint16()
        pid = Int32(bitPattern: try reader.uint32())
        module = try reader.text()
        handlers = []
        for _ in 0..<(try reader.count()) {
            handlers.append(try reader.text())
        }
    }

    func append(to buffer: inout [UInt8]) throws(ProtocolViolation) {
        let writer = PayloadWriter(FrameType.ready, id: 0, to: &buffer)
        guard handlers.count <= UInt16.max else {
            writer.abandon(&buffer)
            throw ProtocolViolation(.badValue, frame: FrameType.ready, "more than \(UInt16.max) handlers")
        }
        writer.integer(version, to: &buffer)
        writer.integer(pid, to: &buffer)
        writer.text(module, to: &buffer)
        writer.integer(UInt16(truncatingIfNeeded: handlers.count), to: &buffer)
        for handler in handlers { writer.text(handler, to: &buffer) }
        try writer.finish(&buffer)
    }
}

/// How a worker's process ended.
package struct WorkerExit: Equatable, Sendable {
    package enum Cause: Equatable, Sendable {
        /// It exited with this code.
        case code(Int32)
        /// It was ended by this signal.
        case signal(Int32)
        /// It was ended because it held more memory than it may (the signal tells how).
        case memoryLimit(signal: Int32)
    }

    package var pid: Int32
    package var cause: Cause
    /// The most memory it ever held (resident), in bytes.
    package var maximumResidentBytes: UInt64

    package init(pid: Int32, cause: Cause, maximumResidentBytes: UInt64) {
        self.pid = pid
        self.cause = cause
        self.maximumResidentBytes = maximumResidentBytes
    }

    init(_ reader: inout PayloadReader) throws(ProtocolViolation) {
        pid = Int32(bitPattern: try reader.uint32())
        let kind = try reader.byte()
        let number = Int32(bitPattern: try reader.uint32())
        switch kind {
        case 1: cause = .code(number)
        case 2: cause = .signal(number)
        case 3: cause = .memoryLimit(signal: number)
        default: throw ProtocolViolation(.badValue, frame: reader.frame, "\(kind) is no way to end")
        }
        maximumResidentBytes = try reader.uint64()
    }

    func append(to buffer: inout [UInt8]) throws(ProtocolViolation) {
        let writer = PayloadWriter(FrameType.exited, id: 0, to: &buffer)
        writer.integer(pid, to: &buffer)
        let (kind, number): (UInt8, Int32) =
            switch cause {
            case .code(let code): (1, code)
            case .signal(let signal): (2, signal)
            case .memoryLimit(let signal): (3, signal)
            }
        writer.byte(kind, to: &buffer)
        writer.integer(number, to: &buffer)
        writer.integer(maximumResidentBytes, to: &buffer)
        try writer.finish(&buffer)
    }
}
