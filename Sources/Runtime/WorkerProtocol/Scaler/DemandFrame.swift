/// A frame from a gateway to a scaler.
package enum DemandFrame: Equatable, Sendable {
    /// The answer to a hello that is right; the figures of every pool follow, then `snapshotEnd`.
    case welcome(gatewayID: String)
    /// The answer to a hello that is not; the gateway closes the connection after it.
    case refuse(Refusal)
    /// New figures of a pool.
    case demand(PoolDemand)
    /// The gateway has this function no more.
    case removed(function: String)
    /// Every pool was told once.
    case snapshotEnd
    /// A part of the answer to `askLoads`; the last part says so.
    case loads(WorkerLoads)
    /// The answer to `fire`.
    case fired(Fired)
    /// What the other replicas find together of a pool that this one claims.
    case othersClaim(PoolClaim)
    /// No other replica claims this function any more.
    case othersSilent(function: String)
    /// Asks for a pong.
    case ping

    /// The first frame of `bytes` and how many bytes it took, or nil when not all of it is there.
    package static func decode(
        _ bytes: UnsafeRawBufferPointer
    ) throws(ProtocolViolation) -> (frame: DemandFrame, size: Int)? {
        guard let raw = try RawFrame(bytes, maximumFrame: ProtocolLimits.maximumFrame) else { return nil }
        return (try DemandFrame(raw), raw.header.frameSize)
    }

    private init(_ raw: RawFrame) throws(ProtocolViolation) {
        var reader = PayloadReader(raw)
        switch raw.header.type {
        case FrameType.scalerWelcome:
            self = .welcome(gatewayID: try reader.text())
        case FrameType.scalerRefuse:
            let code = try reader.choice(Refusal.Code.self, "refusal code")
            self = .refuse(Refusal(code: code, reason: try reader.text()))
        case FrameType.poolDemand: self = .demand(try PoolDemand(&reader))
        case FrameType.poolRemoved: self = .removed(function: try reader.text())
        case FrameType.snapshotEnd: self = .snapshotEnd
        case FrameType.workerLoads: self = .loads(try WorkerLoads(&reader))
        case FrameType.fired: self = .fired(try Fired(&reader))
        case FrameType.othersClaim: self = .othersClaim(try PoolClaim(&reader))
        case FrameType.othersSilent: self = .othersSilent(function: try reader.text())
        case FrameType.scalerPing: self = .ping
        default:
            throw ProtocolViolation(
                .unknownType,
                frame: raw.header.type,
                "a gateway sends a scaler no frame of this type"
            )
        }
        try raw.requireConnectionLevel()
        try reader.finish()
    }

    /// Appends the frame to `buffer`.
    ///
    /// - Throws: `ProtocolViolation` when it would be larger than a frame may be; the buffer is then as before.
    package func append(to buffer: inout [UInt8]) throws(ProtocolViolation) {
        switch self {
        case .welcome(let gatewayID):
            let writer = PayloadWriter(FrameType.scalerWelcome, id: 0, to: &buffer)
            writer.text(gatewayID, to: &buffer)
            try writer.finish(&buffer)
        case .refuse(let refusal):
            let writer = PayloadWriter(FrameType.scalerRefuse, id: 0, to: &buffer)
            writer.byte(refusal.code.rawValue, to: &buffer)
            writer.message(refusal.reason, to: &buffer)
            try writer.finish(&buffer)
        case .demand(let demand):
            try demand.append(to: &buffer)
        case .removed(let function):
            let writer = PayloadWriter(FrameType.poolRemoved, id: 0, to: &buffer)
            writer.text(function, to: &buffer)
            try writer.finish(&buffer)
        case .snapshotEnd:
            try PayloadWriter(FrameType.snapshotEnd, id: 0, to: &buffer).finish(&buffer)
        case .loads(let loads):
            try loads.append(to: &buffer)
        case .fired(let fired):
            try fired.append(to: &buffer)
        case .othersClaim(let claim):
            try claim.append(as: FrameType.othersClaim, to: &buffer)
        case .othersSilent(let function):
            let writer = PayloadWriter(FrameType.othersSilent, id: 0, to: &buffer)
            writer.text(function, to: &buffer)
            try writer.finish(&buffer)
        case .ping:
            try PayloadWriter(FrameType.scalerPing, id: 0, to: &buffer).finish(&buffer)
        }
    }
}

/// How many invocations workers of a function hold, at one gateway.
package struct WorkerLoads: Equatable, Sendable {
    /// One worker's load.
    package struct Load: Equatable, Sendable {
        package var workerID: String
        package var held: Int

        package init(workerID: String, held: Int) {
            self.workerID = workerID
            self.held = held
        }
    }

    /// The most workers a frame names; more take several.
    package static let mostLoads = 1_000

    package var function: String
    package var loads: [Load]
    /// No more parts follow.
    package var isEnd: Bool

    package init(function: String, loads: [Load], isEnd: Bool) {
        self.function = function
        self.loads = loads
        self.isEnd = isEnd
    }

    init(_ reader: inout PayloadReader) throws(ProtocolViolation) {
        isEnd = try reader.flags(known: 1) != 0
        function = try reader.text()
        loads = []
        for _ in 0..<(try reader.count()) {
            let held = Int(try reader.uint32())
            loads.append(Load(workerID: try reader.text(), held: held))
        }
    }

    func append(to buffer: inout [UInt8]) throws(ProtocolViolation) {
        let writer = PayloadWriter(FrameType.workerLoads, id: 0, to: &buffer)
        writer.byte(isEnd ? 1 : 0, to: &buffer)
        writer.text(function, to: &buffer)
        guard let count = UInt16(exactly: loads.count) else {
            writer.abandon(&buffer)
            throw ProtocolViolation(.badValue, frame: FrameType.workerLoads, "\(loads.count) workers in a frame")
        }
        writer.integer(count, to: &buffer)
        for load in loads {
            writer.integer(UInt32(clamping: load.held), to: &buffer)
            writer.text(load.workerID, to: &buffer)
        }
        try writer.finish(&buffer)
    }
}
