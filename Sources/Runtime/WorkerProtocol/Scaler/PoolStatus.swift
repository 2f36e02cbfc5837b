/// What a scaler tells the gateways of a pool.
package struct PoolStatus: Hashable, Sendable {
    /// The function's name.
    package var function: String
    /// How many workers it wants.
    package var wanted: Int
    /// Pods that are there, ready or not.
    package var pods: Int
    /// Why it wants so many, in words.
    package var reason: String
    /// The policy that decided.
    package var policy: String
    /// Why workers cannot be started, where that is so.
    package var failure: PoolFailure?

    package init(
        function: String,
        wanted: Int,
        pods: Int,
        reason: String,
        policy: String,
        failure: PoolFailure? = nil
    ) {
        self.function = function
        self.wanted = wanted
        self.pods = pods
        self.reason = reason
        self.policy = policy
        self.failure = failure
    }

    init(_ reader: inout PayloadReader) throws(ProtocolViolation) {
        let fails = try reader.flags(known: PoolFailure.isThere | PoolFailure.hasRetry)
        guard fails != PoolFailure.hasRetry else {
            throw ProtocolViolation(.badValue, frame: reader.frame, "a time to retry without a failure")
        }
        wanted = Int(try reader.uint32())
        pods = Int(try reader.uint32())
        function = try reader.text()
        reason = try reader.text()
        policy = try reader.text()
        failure = fails & PoolFailure.isThere == 0 ? nil : try PoolFailure(&reader, fails & PoolFailure.hasRetry != 0)
    }

    func append(to buffer: inout [UInt8]) throws(ProtocolViolation) {
        let writer = PayloadWriter(FrameType.poolStatus, id: 0, to: &buffer)
        writer.byte(failure?.flags ?? 0, to: &buffer)
        writer.integer(UInt32(clamping: wanted), to: &buffer)
        writer.integer(UInt32(clamping: pods), to: &buffer)
        writer.text(function, to: &buffer)
        writer.message(reason, to: &buffer)
        writer.message(policy, to: &buffer)
        failure?.append(to: &buffer, writer)
        try writer.finish(&buffer)
    }
}

/// Why a pool's workers cannot be started.
package struct PoolFailure: Hashable, Sendable {
    /// What kind of failure it is, for programs.
    package enum Kind: UInt8, Sendable, CaseIterable {
        case other = 0
        case imagePull = 1
        case crashLoop = 2
        case quota = 3
        case unschedulable = 4
        case forbidden = 5
    }

    package var kind: Kind
    /// What happened, for people.
    package var message: String
    /// Set where waiting is of no use: as long as no worker is ready, those who wait are answered 503 at once and
    /// arrivals are refused, with this as their `Retry-After`.
    ///
    /// Without it requests go on waiting; the message stands in the 503 they get when their deadline nears.
    package var retryAfter: Duration?

    package init(kind: Kind, message: String, retryAfter: Duration? = nil) {
        self.kind = kind
        self.message = message
        self.retryAfter = retryAfter
    }

    static let isThere: UInt8 = 1
    static let hasRetry: UInt8 = 2

    var flags: UInt8 { Self.isThere | (retryAfter == nil ? 0 : Self.hasRetry) }

    init(_ reader: inout PayloadReader, _ hasRetry: Bool) throws(ProtocolViolation) {
        kind = try reader.choice(Kind.self, "kind of failure")
        retryAfter = hasRetry ? .milliseconds(Int64(try reader.uint32())) : nil
        message = try reader.text()
    }

    func append(to buffer: inout [UInt8], _ writer: borrowing PayloadWriter) {
        writer.byte(kind.rawValue, to: &buffer)
        if let retryAfter {
            let (seconds, attoseconds) = retryAfter.components
            let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000)
            let milliseconds = overflow ? Int64.max : whole &+ attoseconds / 1_000_000_000_000_000
            writer.integer(UInt32(clamping: milliseconds), to: &buffer)
        }
        writer.message(message, to: &buffer)
    }
}
