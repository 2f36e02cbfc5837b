import WorkerProtocol

extension WorkerConnection {
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

    private static func unexpectedInvoke(_ reason: String) -> ProtocolViolation {
        ProtocolViolation(.unexpectedFrame, frame: 0x03, reason)
    }
}
