package import ExternalScaler
package import GatewayDemand
package import NIOCore
package import Scaling
import Synchronization
import Time
package import WorkerProtocol

/// What a listener hears of one function.
package struct Activity: Sendable {
    /// Whether the function should have workers; the last word counts.
    package let changes: AsyncStream<Bool>
    fileprivate let listener: AsyncStream<Bool>.Continuation

    /// Ends the changes.
    package func end() { listener.finish() }
}

/// Feeds the decisions with events and time, and hands what they say to whoever listens.
package final class ScalerDriver: Sendable {
    private struct State {
        var board: ScalerBoard
        var listeners: [String: [UInt64: AsyncStream<Bool>.Continuation]] = [:]
        var lastListener: UInt64 = 0
        var timer: Scheduled<Void>?
        var activations: [String: UInt64] = [:]
        var isOver = false
    }

    /// What somebody else has to hear.
    package enum Word: Sendable {
        /// The wanted workers of a function are others than before.
        case wanted(ScalerBoard.Row)
        /// What this replica finds, for the others.
        case claim(PoolClaim)
        /// The function is no more.
        case removed(function: String)
        case warning(String)
    }

    /// Told under a lock, so it must be quick.
    package typealias Observer = @Sendable (Word) -> Void

    private let state: Mutex<State>
    private let loop: any EventLoop
    private let observer: Observer

    package init(_ board: ScalerBoard, loop: any EventLoop, observer: @escaping Observer = { _ in }) {
        state = Mutex(State(board: board))
        self.loop = loop
        self.observer = observer
    }

    private static var now: Instant {
        Instant(nanoseconds: Int64(NIODeadline.now().uptimeNanoseconds))
    }

    // MARK: Events

    /// Takes up what the gateways told.
    package func take(_ events: [DemandEvent]) {
        perform { $0.take(events, now: $1) }
    }

    /// Takes over what the schedules keep from now on, of the functions named.
    package func schedule(_ floors: [String: [ScheduledFloor]]) {
        perform { $0.schedule(floors, now: $1) }
    }

    /// Takes up a changed manifest; whoever listens for a function that is no more hears the end.
    package func replace(_ functions: [ScaledFunction]) {
        let ended = state.withLock { state -> [AsyncStream<Bool>.Continuation] in
            let (step, removed) = state.board.replace(functions, now: Self.now)
            announce(step, &state)
            for name in removed { observer(.removed(function: name)) }
            arm(&state)
            return removed.flatMap { name in
                state.activations[name] = nil
                return state.listeners.removeValue(forKey: name).map { Array($0.values) } ?? []
            }
        }
        for listener in ended { listener.finish() }
    }

    // MARK: Learning

    /// What each pool's policy has learned, with how much the pool was used; `nil` while not all gateways are seen, as
    /// what is learned then is wrong.
    package var learned: [(function: String, arrivals: UInt64, state: [UInt8])]? {
        state.withLock { state in
            guard case .full = state.board.sight else { return nil }
            return state.board.learned(now: Self.now)
        }
    }

    /// Takes up what was learned before.
    package func restore(_ saved: [String: [UInt8]]) {
        perform { $0.restore(saved, now: $1) }
    }

    private func perform(_ body: (inout ScalerBoard, Instant) -> ScalerBoard.Step) {
        state.withLock { state in
            guard !state.isOver else { return }
            announce(body(&state.board, Self.now), &state)
            arm(&state)
        }
    }

    /// Under the lock, so that nobody hears of two changes in the wrong order.
    private func announce(_ step: ScalerBoard.Step, _ state: inout State) {
        for announcement in step.announcements {
            if announcement.isActive { state.activations[announcement.function, default: 0] += 1 }
            for listener in state.listeners[announcement.function]?.values ?? [:].values {
                listener.yield(announcement.isActive)
            }
        }
        for claim in step.claims { observer(.claim(claim)) }
        for row in step.changed.compactMap({ state.board.row($0) }) { observer(.wanted(row)) }
        for warning in step.warnings { observer(.warning(warning)) }
    }

    private func arm(_ state: inout State) {
        state.timer?.cancel()
        state.timer = state.board.nextCheck.map { next in
            loop.scheduleTask(deadline: .uptimeNanoseconds(UInt64(max(next.nanoseconds, 0)))) {
                self.perform { $0.timerFired(now: $1) }
            }
        }
    }

    // MARK: Answers

    /// The workers wanted now.
    package func wanted(_ metadata: TriggerMetadata) throws(ScalerRefusal) -> Int {
        try state.withLock { state throws(ScalerRefusal) in try state.board.wanted(metadata, now: Self.now) }
    }

    /// Whether the function should have workers at all.
    package func isActive(_ metadata: TriggerMetadata) throws(ScalerRefusal) -> Bool {
        try state.withLock { state throws(ScalerRefusal) in try state.board.isActive(metadata, now: Self.now) }
    }

    /// Whether the function is known.
    package func check(_ metadata: TriggerMetadata) throws(ScalerRefusal) {
        try state.withLock { state throws(ScalerRefusal) in try state.board.check(metadata) }
    }

    package var sight: Sight { state.withLock { $0.board.sight } }
    package var rows: [ScalerBoard.Row] { state.withLock { $0.board.rows } }
    package var listeners: Int { state.withLock { $0.listeners.values.reduce(0) { $0 + $1.count } } }
    package var activations: [String: UInt64] { state.withLock { $0.activations } }

    // MARK: Listeners

    /// A function's activity: now, if it is known, and whenever it changes.
    ///
    /// A listener that is slow hears the last of what it missed. The changes end when the function is no more, and with
    /// ``stop()``.
    package func activity(_ metadata: TriggerMetadata) throws(ScalerRefusal) -> Activity {
        let (stream, listener) = AsyncStream.makeStream(of: Bool.self, bufferingPolicy: .bufferingNewest(1))
        let function = metadata.function
        let result = state.withLock { state -> Result<UInt64?, ScalerRefusal> in
            do throws(ScalerRefusal) {
                try state.board.check(metadata)
            } catch {
                return .failure(error)
            }
            if state.isOver { return .success(nil) }
            if let isActive = try? state.board.isActive(metadata, now: Self.now) { listener.yield(isActive) }
            state.lastListener += 1
            state.listeners[function, default: [:]][state.lastListener] = listener
            return .success(state.lastListener)
        }
        guard let id = try result.get() else {
            listener.finish()
            return Activity(changes: stream, listener: listener)
        }
        listener.onTermination = { [weak self] _ in self?.forget(id, function) }
        return Activity(changes: stream, listener: listener)
    }

    private func forget(_ id: UInt64, _ function: String) {
        state.withLock { state in
            state.listeners[function]?[id] = nil
            if state.listeners[function]?.isEmpty == true { state.listeners[function] = nil }
        }
    }

    /// Ends all streams and timers.
    package func stop() {
        let listeners = state.withLock { state -> [AsyncStream<Bool>.Continuation] in
            state.isOver = true
            state.timer?.cancel()
            state.timer = nil
            defer { state.listeners = [:] }
            return state.listeners.values.flatMap(\.values)
        }
        for listener in listeners { listener.finish() }
    }
}
