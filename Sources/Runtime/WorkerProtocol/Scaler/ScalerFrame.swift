/// A frame from a scaler to a gateway, on the port the workers use as well; the hello tells them apart.
package enum ScalerFrame: Equatable, Sendable {
    /// The first frame.
    case hello(ScalerHello)
    /// Whether this scaler decides; of several, one does.
    case lead(Bool)
    /// What it decided for a pool, and what came of it.
    case status(PoolStatus)
    /// It has no more to say of this function; its claim ends too.
    case forget(function: String)
    /// Asks how many invocations each worker of a function holds; `loads` answers.
    case askLoads(function: String)
    /// Invoke a scheduled function; `fired` answers when that is over.
    case fire(Firing)
    /// What it finds by itself, beside other replicas; whoever claims hears what the others do.
    case claim(PoolClaim)
    /// The answer to a ping.
    case pong

    /// The first frame of `bytes` and how many bytes it took, or nil when not all of it is there.
    package static func decode(
        _ bytes: UnsafeRawBufferPointer
    ) throws(ProtocolViolation) -> (frame: ScalerFrame, size: Int)? {
        guard let raw = try RawFrame(bytes, maximumFrame: ProtocolLimits.maximumFrame) else { return nil }
        return (try ScalerFrame(raw), raw.header.frameSize)
    }

    /// Whether a connection's first bytes are those of a scaler; nil while that cannot be told.
    package static func isHello(_ bytes: UnsafeRawBufferPointer) -> Bool? {
        bytes.count > 4 ? bytes[4] == FrameType.scalerHello : nil
    }

    private init(_ raw: RawFrame) throws(ProtocolViolation) {
        var reader = PayloadReader(raw)
        switch raw.header.type {
        case FrameType.scalerHello: self = .hello(try ScalerHello(&reader))
        case FrameType.lead: self = .lead(try reader.flags(known: 1) != 0)
        case FrameType.poolStatus: self = .status(try PoolStatus(&reader))
        case FrameType.poolForgotten: self = .forget(function: try reader.text())
        case FrameType.askLoads: self = .askLoads(function: try reader.text())
        case FrameType.fire: self = .fire(try Firing(&reader))
        case FrameType.claim: self = .claim(try PoolClaim(&reader))
        case FrameType.scalerPong: self = .pong
        default:
            throw ProtocolViolation(.unknownType, frame: raw.header.type, "a scaler sends no frame of this type")
        }
        try raw.requireConnectionLevel()
        try reader.finish()
    }

    /// Appends the frame to `buffer`.
    ///
    /// - Throws: `ProtocolViolation` when it would be larger than a frame may be; the buffer is then as before.
    package func append(to buffer: inout [UInt8]) throws(ProtocolViolation) {
        switch self {
        case .hello(let hello):
            try hello.append(to: &buffer)
        case .lead(let leads):
            let writer = PayloadWriter(FrameType.lead, id: 0, to: &buffer)
            writer.byte(leads ? 1 : 0, to: &buffer)
            try writer.finish(&buffer)
        case .status(let status):
            try status.append(to: &buffer)
        case .forget(let function):
            let writer = PayloadWriter(FrameType.poolForgotten, id: 0, to: &buffer)
            writer.text(function, to: &buffer)
            try writer.finish(&buffer)
        case .askLoads(let function):
            let writer = PayloadWriter(FrameType.askLoads, id: 0, to: &buffer)
            writer.text(function, to: &buffer)
            try writer.finish(&buffer)
        case .fire(let firing):
            try firing.append(to: &buffer)
        case .claim(let claim):
            try claim.append(as: FrameType.claim, to: &buffer)
        case .pong:
            try PayloadWriter(FrameType.scalerPong, id: 0, to: &buffer).finish(&buffer)
        }
    }
}

/// The first frame of a scaler: who it is.
package struct ScalerHello: Equatable, Sendable {
    package var version: UInt16
    /// The secret that opens the gateway's port.
    package var token: String
    /// Its name for people, such as its pod's.
    package var scalerID: String

    package init(version: UInt16 = ProtocolLimits.scalerVersions.upperBound, token: String, scalerID: String) {
        self.version = version
        self.token = token
        self.scalerID = scalerID
    }

    init(_ reader: inout PayloadReader) throws(ProtocolViolation) {
        // Another version's rest is not read, so that a gateway can refuse it in words.
        let version = try reader.uint16()
        guard ProtocolLimits.scalerVersions.contains(version) else {
            self.init(version: version, token: "", scalerID: "")
            _ = reader.rest()
            return
        }
        self.init(version: version, token: try reader.text(), scalerID: try reader.text())
    }

    func append(to buffer: inout [UInt8]) throws(ProtocolViolation) {
        let writer = PayloadWriter(FrameType.scalerHello, id: 0, to: &buffer)
        writer.integer(version, to: &buffer)
        writer.text(token, to: &buffer)
        writer.text(scalerID, to: &buffer)
        try writer.finish(&buffer)
    }
}
