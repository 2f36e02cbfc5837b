import WorkerProtocol

extension WorkerConnection {
    /// Keeps to what the gateway's welcome says of its frames.
    func welcomed(_ welcome: Welcome) {
        maximumFrame = min(ProtocolLimits.maximumFrame, Int(welcome.maximumFrame))
    }

    /// Takes in an invocation that a gateway sends, as one of at most `slots` at a time.
    ///
    /// `window` is how many bytes of the response's body the gateway takes at first; nil before it said welcome, and
    /// while no handler is ready, when nothing may be invoked. Throws what the protocol does not allow.
    func admit(
        _ id: UInt32,
        _ view: InvokeView,
        now: Int64,
        window: Int?,
        slots: Int
    ) throws(ProtocolViolation) -> WorkerInvocation {
        guard let window else { throw Self.unexpectedInvoke("an invoke before welcome and offer") }
        guard view.body.count <= ProtocolLimits.initialWindow else {
            throw Self.unexpectedInvoke("\(view.body.count) body bytes, more than the window")
        }
        let invocation = WorkerInvocation(id: id, view, now: now, window: window, connection: self)
        do throws(WorkerConnection.Refusal) {
            try add(invocation, slots: slots)
        } catch {
            switch error {
            case .idInUse: throw Self.unexpectedInvoke("invocation \(id) is under way already")
            case .noFreeSlot: throw Self.unexpectedInvoke("an invoke without a free slot (\(slots) offered)")
            }
        }
        return invocation
    }

    /// Takes a frame that goes on with an invocation, or asks whether this end is there; others are the caller's.
    ///
    /// An invocation that is not here ended while the frame was under way.
    func take(_ frame: GatewayFrame) throws(ProtocolViolation) {
        switch frame {
        case .requestBody(let id, let isEnd, let bytes):
            try invocation(id)?.received([UInt8](bytes), isEnd: isEnd)
        case .responseCredit(let id, let bytes):
            invocation(id)?.credited(Int(bytes))
        case .cancel(let id, let reason):
            invocation(id)?.cancel(reason)
        case .ping:
            send(.pong)
        case .invoke, .welcome, .refuse, .want, .reclaimed, .drain:
            break
        }
    }

    private static func unexpectedInvoke(_ reason: String) -> ProtocolViolation {
        ProtocolViolation(.unexpectedFrame, frame: 0x03, reason)
    }
}
