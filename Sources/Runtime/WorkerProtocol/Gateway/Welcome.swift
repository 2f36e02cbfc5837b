/// What a worker may count on.
package struct Welcome: Equatable, Sendable {
    /// The largest frame the gateway takes (bytes after the length field).
    package var maximumFrame: UInt32
    /// Body bytes of one invocation that either side may send before it is given credit.
    package var window: UInt32
    /// Names the gateway's process, so that a worker sees when two addresses lead to the same one.
    package var gatewayID: String

    package init(
        maximumFrame: UInt32 = UInt32(ProtocolLimits.maximumFrame),
        window: UInt32 = UInt32(ProtocolLimits.initialWindow),
        gatewayID: String = ""
    ) {
        self.maximumFrame = maximumFrame
        self.window = window
        self.gatewayID = gatewayID
    }
}

/// Why a gateway does not take a worker.
package struct Refusal: Equatable, Sendable {
    package enum Code: UInt8, Sendable {
        /// The worker speaks another version of the protocol.
        case version = 1
        /// The token is not right.
        case token = 2
        /// No such function here.
        case function = 3
        /// The function's revision was replaced.
        case revision = 4
        /// The pool has as many workers as it may have.
        case poolFull = 5
        /// The gateway is leaving.
        case shutdown = 6
    }

    package var code: Code
    /// The reason for people.
    package var reason: String

    package init(code: Code, reason: String) {
        self.code = code
        self.reason = reason
    }
}

/// Why an invocation is cancelled.
package enum CancelReason: UInt8, Sendable {
    case deadline = 1
    case clientGone = 2
    case shutdown = 3
}
