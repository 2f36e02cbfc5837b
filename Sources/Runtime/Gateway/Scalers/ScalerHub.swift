import Dispatching
import JSON
import NIOCore
import Synchronization
import WorkerProtocol

/// The scalers that are connected: where demand goes, and what they say.
package final class ScalerHub: Sendable {
    /// A connected scaler, from any thread.
    struct Link: Sendable {
        let loop: any EventLoop
        let connection: NIOLoopBound<ScalerConnection>

        /// In the order of the calls whatever threads they come from, so that the last word is the last.
        func push(_ demand: PoolDemand) {
            loop.execute { connection.value.push(demand) }
        }

        /// In the order of the calls as well.
        func tell(_ others: PoolClaim?, of function: String) {
            loop.execute { connection.value.tell(others, of: function) }
        }

        func send(_ frame: DemandFrame) {
            if loop.inEventLoop {
                connection.value.send(frame)
            } else {
                loop.execute { connection.value.send(frame) }
            }
        }
    }

    private struct Scaler {
        var name: String
        var link: Link
        var leads = false
        var statuses: [String: PoolStatus] = [:]
    }

    private struct State {
        var scalers: [ObjectIdentifier: Scaler] = [:]
        /// What the leading scaler said last; kept when it is gone, failures excepted.
        var statuses: [String: PoolStatus] = [:]
        /// What each replica finds by itself.
        var claims = ClaimTable<ObjectIdentifier>()
    }

    private let state = Mutex(State())
    /// Whether anybody listens; asked at every change of demand.
    private let listeners = Atomic<Int>(0)

    init() {}

    var isHeard: Bool { listeners.load(ordering: .relaxed) > 0 }

    // MARK: To the scalers

    func push(_ demand: PoolDemand) {
        for link in state.withLock({ $0.scalers.values.map(\.link) }) { link.push(demand) }
    }

    func tell(_ frame: DemandFrame) {
        for link in state.withLock({ $0.scalers.values.map(\.link) }) { link.send(frame) }
    }

    // MARK: From the scalers

    func join(_ id: ObjectIdentifier, name: String, link: Link) {
        state.withLock { $0.scalers[id] = Scaler(name: name, link: link) }
        listeners.add(1, ordering: .relaxed)
    }

    /// A scaler is gone; gives the functions whose failure it had told of.
    func leave(_ id: ObjectIdentifier) -> [String] {
        let cleared = state.withLock { state -> [String]? in
            guard let scaler = state.scalers.removeValue(forKey: id) else { return nil }
            Self.tell(state.claims.leave(id), state)
            return scaler.leads ? Self.refresh(&state) : []
        }
        guard let cleared else { return [] }
        listeners.subtract(1, ordering: .relaxed)
        return cleared
    }

    /// Gives the functions whose status may have changed.
    func lead(_ id: ObjectIdentifier, _ leads: Bool) -> [String] {
        state.withLock { state in
            state.scalers[id]?.leads = leads
            return Self.refresh(&state)
        }
    }

    func report(_ id: ObjectIdentifier, _ status: PoolStatus) -> [String] {
        state.withLock { state in
            state.scalers[id]?.statuses[status.function] = status
            guard state.scalers[id]?.leads == true else { return [] }
            state.statuses[status.function] = status
            return [status.function]
        }
    }

    func forget(_ id: ObjectIdentifier, function: String) -> [String] {
        state.withLock { state in
            state.scalers[id]?.statuses[function] = nil
            Self.tell(state.claims.withdraw(function, by: id), state)
            guard state.scalers[id]?.leads == true else { return [] }
            state.statuses[function] = nil
            return [function]
        }
    }

    /// A replica finds something of a pool.
    func claim(_ id: ObjectIdentifier, _ claim: PoolClaim) {
        state.withLock { state in
            guard state.scalers[id] != nil else { return }
            Self.tell(state.claims.claim(claim, by: id), state)
        }
    }

    /// Under the lock, so that nobody hears of two changes in the wrong order.
    private static func tell(_ words: [ClaimTable<ObjectIdentifier>.Word], _ state: State) {
        for word in words { state.scalers[word.peer]?.link.tell(word.others, of: word.function) }
    }

    /// Takes over what those say who lead now.
    private static func refresh(_ state: inout State) -> [String] {
        for function in state.statuses.keys { state.statuses[function]?.failure = nil }
        for scaler in state.scalers.values where scaler.leads { state.statuses.merge(scaler.statuses) { $1 } }
        return Array(state.statuses.keys)
    }

    // MARK: Shown

    /// Whether a scaler that decides is connected.
    package var isLed: Bool {
        state.withLock { $0.scalers.values.contains { $0.leads } }
    }

    /// How many scalers are connected.
    package var count: Int {
        state.withLock { $0.scalers.count }
    }

    /// What was last said of a function.
    func status(of function: String) -> PoolStatus? {
        state.withLock { $0.statuses[function] }
    }

    /// Why a function's requests found no worker in time, in words, and after how many seconds to try again.
    func reasonForStarvation(_ function: String) -> (reason: String, retryAfter: Int) {
        let (status, isLed) = state.withLock { state in
            (state.statuses[function], state.scalers.values.contains { $0.leads })
        }
        if let failure = status?.failure {
            return (failure.message, GatewayProblem.retrySeconds(failure.retryAfter ?? .seconds(5)))
        }
        guard isLed else {
            return ("no scaler is connected that could start one", 5)
        }
        guard let status, status.pods > 0 else { return ("the scaler has been told", 2) }
        return ("\(status.pods) of \(status.wanted) wanted are being started", 2)
    }

    /// What is known of the pools, for the admin port.
    package func reports(_ pools: [PoolDriver]) -> [String: PoolReport] {
        let (statuses, isLed) = state.withLock { state in
            (state.statuses, state.scalers.values.contains { $0.leads })
        }
        var reports: [String: PoolReport] = [:]
        for pool in pools {
            var report = PoolReport()
            if let status = statuses[pool.name] {
                report.wanted = status.wanted
                report.reason = status.reason
                report.policy = status.policy
                report.failure = status.failure?.message
                report.starting = max(0, status.pods - pool.counts.ready - pool.counts.leaving)
            }
            if !isLed {
                report.reason = report.reason.isEmpty ? "no scaler is connected" : report.reason + " (scaler is gone)"
            }
            let explanation: JSONValue = [
                "function": .string(pool.name), "policy": .string(report.policy), "wanted": .int(report.wanted),
                "reason": .string(report.reason), "failure": report.failure.map { .string($0) } ?? .null,
                "scalerConnected": .bool(isLed),
            ]
            report.explanation = { explanation }
            reports[pool.name] = report
        }
        return reports
    }

    /// The connected scalers for `/api/pools`.
    var json: JSONValue {
        let scalers = state.withLock { $0.scalers.values.map { ($0.name, $0.leads) } }.sorted { $0.0 < $1.0 }
        return .array(scalers.map { ["name": .string($0.0), "leads": .bool($0.1)] })
    }
}
