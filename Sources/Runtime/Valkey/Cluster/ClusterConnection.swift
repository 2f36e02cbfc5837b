import NIOCore
import Synchronization
import Text
import Time

/// The connections to a cluster's nodes: locks, asks the machine, unlocks, acts.
///
/// Each node has one connection for all callers, made when a call first needs it.
final class ClusterConnection: Sendable {
    typealias Outcome = Result<ValkeyValue, ValkeyError>

    private struct State: Sendable {
        var machine: ClusterMachine
        var nodes: [ClusterNode: NodeConnection] = [:]
        /// Calls that wait until somebody has told the slots.
        var waiters: [UInt64: UnsafeContinuation<Void, Never>] = [:]
        var lastWaiter: UInt64 = 0
        var timer: Scheduled<Void>?
        var timerAt = Instant.never
        var isClosed = false
    }

    private static let slotsCommand = ValkeyCommand(trusted: "CLUSTER", "SLOTS").wire
    private static let asking = ValkeyCommand(trusted: "ASKING").wire

    private let state: Mutex<State>
    private let url: ValkeyURL
    private let configuration: ValkeyConfiguration
    private let loop: LazyLoop

    /// The URL's nodes are where the cluster is asked first.
    init(url: ValkeyURL, configuration: ValkeyConfiguration, loop: LazyLoop) {
        let seeds = ([url.endpoint] + url.otherNodes).map { node in
            switch node {
            case .tcp(let host, let port): ClusterNode(host: host, port: port)
            // No URL says so; the path is shown when it cannot be reached.
            case .unix(let path): ClusterNode(host: path, port: ValkeyURL.defaultPort)
            }
        }
        let settings = ClusterSettings(
            seeds: seeds,
            patience: configuration.connectionPatience,
            grace: configuration.timeout
        )
        state = Mutex(State(machine: ClusterMachine(settings: settings, seed: .random(in: .min ... .max))))
        self.url = url
        self.configuration = configuration
        self.loop = loop
    }

    // MARK: For callers, from any thread

    /// Sends a call to the node that has its slot, wherever that goes meanwhile.
    func call(_ call: ClusterCall, timeout: Duration) async throws(ValkeyError) -> ValkeyValue {
        try await run(call, attempt(timeout)).get()
    }

    /// Sends calls to the nodes that have their slots, those of one node together.
    ///
    /// An error reply stands in its place; an error of a whole node's part is thrown.
    func call(_ calls: [ClusterCall], timeout: Duration) async throws(ValkeyError) -> [ValkeyValue] {
        let attempt = attempt(timeout)
        let parts = try await parts(calls, attempt).get()
        if parts.count == 1 {
            var values: [ValkeyValue] = []
            values.reserveCapacity(calls.count)
            for outcome in await run(calls, parts[0], attempt) { values.append(try outcome.get()) }
            return values
        }
        let outcomes = await withTaskGroup(of: (Part, [Outcome]).self) { group in
            for part in parts {
                let own = part.indices.map { calls[$0] }
                group.addTask { (part, await self.run(own, part, attempt)) }
            }
            var all: [Outcome] = Array(repeating: .failure(.closed), count: calls.count)
            for await (part, outcomes) in group {
                for (index, outcome) in zip(part.indices, outcomes) { all[index] = outcome }
            }
            return all
        }
        var values: [ValkeyValue] = []
        values.reserveCapacity(calls.count)
        for outcome in outcomes { values.append(try outcome.get()) }
        return values
    }

    /// All nodes that have slots, each with its connection.
    func masters(timeout: Duration) async throws(ValkeyError) -> [NodeConnection] {
        _ = try await locate(nil, attempt(timeout)).get()
        return state.withLock { state in
            state.machine.everyMaster().compactMap { connection(to: $0, &state) }
        }
    }

    /// Ends all connections and calls.
    func close() async {
        let (nodes, waiters, timer) = state.withLock { state in
            state.isClosed = true
            let taken = (Array(state.nodes.values), Array(state.waiters.values), state.timer.take())
            state.nodes = [:]
            state.waiters = [:]
            return taken
        }
        timer?.cancel()
        for waiter in waiters { waiter.resume() }
        for node in nodes { await node.close() }
    }

    // MARK: Calls

    /// Calls for one node, by their numbers.
    private struct Part: Sendable {
        let node: ClusterNode
        let connection: NodeConnection
        var indices: [Int]
    }

    private func attempt(_ timeout: Duration) -> ClusterMachine.Attempt {
        let now = Instant.now
        return ClusterMachine.Attempt(entered: now, deadline: now + min(timeout, .longest))
    }

    /// Takes one call to its end, from a verdict on.
    private func run(
        _ call: ClusterCall,
        _ start: ClusterMachine.Attempt,
        _ verdict: ClusterMachine.Verdict = .later(.zero),
        last: Outcome = .failure(.closed)
    ) async -> Outcome {
        var (attempt, verdict, last) = (start, verdict, last)
        while true {
            let node: ClusterNode
            let connection: NodeConnection?
            var isAsking = false
            switch verdict {
            case .over: return last
            case .again(let target, let asking):
                (node, isAsking) = (target, asking)
                connection = state.withLock { self.connection(to: target, &$0) }
            case .later(let delay):
                if delay > .zero, (try? await Task.sleep(for: delay)) == nil {
                    return .failure(.cancelled(maybeExecuted: false))
                }
                switch await locate(call.slot, attempt) {
                case .failure(let error): return .failure(error)
                case .success(let found): (node, connection) = (found.node, found.connection)
                }
            }
            guard let connection else { return .failure(.closed) }
            attempt.number += 1
            last = await Self.send(call, isAsking: isAsking, to: connection, attempt)
            verdict = judge(last, call, node, attempt)
        }
    }

    /// Sends a node's calls together; those that it turns away find their way one by one, in their order.
    private func run(
        _ calls: [ClusterCall],
        _ part: Part,
        _ start: ClusterMachine.Attempt
    ) async -> [Outcome] {
        var attempt = start
        attempt.number += 1
        var bytes: [UInt8] = []
        bytes.reserveCapacity(calls.reduce(0) { $0 + $1.bytes.count })
        for call in calls { bytes += call.bytes }
        var outcomes: [Outcome]
        switch await Self.send(bytes, calls.count, to: part.connection, attempt) {
        case .failure(let error): outcomes = Array(repeating: .failure(error), count: calls.count)
        case .success(let value):
            outcomes = calls.count == 1 ? [.success(value)] : (value.array ?? []).map { .success($0) }
        }
        for (index, call) in calls.enumerated() {
            let verdict = judge(outcomes[index], call, part.node, attempt)
            if verdict != .over { outcomes[index] = await run(call, attempt, verdict, last: outcomes[index]) }
        }
        return outcomes
    }

    private static func send(
        _ call: ClusterCall,
        isAsking: Bool,
        to connection: NodeConnection,
        _ attempt: ClusterMachine.Attempt
    ) async -> Outcome {
        guard isAsking else { return await send(call.bytes, call.replies, to: connection, attempt) }
        let outcome = await send(asking + call.bytes, call.replies + 1, to: connection, attempt)
        // The first reply is to the asking.
        return outcome.map { reply in
            let replies = (reply.array ?? []).dropFirst()
            return call.replies == 1 ? replies.first ?? .null : .array(Array(replies))
        }
    }

    private static func send(
        _ bytes: [UInt8],
        _ replies: Int,
        to connection: NodeConnection,
        _ attempt: ClusterMachine.Attempt
    ) async -> Outcome {
        do throws(ValkeyError) {
            return .success(try await connection.call(bytes, replies: replies, timeout: attempt.deadline - .now))
        } catch {
            return .failure(error)
        }
    }

    private func judge(
        _ outcome: Outcome,
        _ call: ClusterCall,
        _ node: ClusterNode,
        _ attempt: ClusterMachine.Attempt
    ) -> ClusterMachine.Verdict {
        var verdict = ClusterMachine.Verdict.over
        switch outcome {
        case .success(let value):
            guard let error = call.error(in: value) else { return .over }
            advance { machine, now in
                verdict = machine.judge(error, from: node, attempt, now: now)
                return ClusterMachine.Work()
            }
        case .failure(.unreachable):
            advance { machine, now in
                verdict = machine.unreachable(node, call.slot, attempt, now: now)
                return ClusterMachine.Work()
            }
        case .failure: return .over
        }
        return verdict
    }

    // MARK: Slots

    private typealias Place = (node: ClusterNode, connection: NodeConnection)

    private func find(_ slot: HashSlot?, _ state: inout State) -> Place? {
        guard let node = state.machine.route(slot), let connection = connection(to: node, &state) else { return nil }
        return (node, connection)
    }

    /// The node that has a slot; waits until that is known.
    private func locate(
        _ slot: HashSlot?,
        _ attempt: ClusterMachine.Attempt
    ) async -> Result<Place, ValkeyError> {
        let limit = min(attempt.deadline, attempt.entered + configuration.connectionPatience)
        while true {
            let (found, isClosed, failure, knowsSlots) = state.withLock { state in
                (find(slot, &state), state.isClosed, state.machine.lastFailure, state.machine.knowsSlots)
            }
            if let found { return .success(found) }
            if isClosed { return .failure(.closed) }
            if Task.isCancelled { return .failure(.cancelled(maybeExecuted: false)) }
            if case .rejected? = failure, let failure { return .failure(failure) }
            guard Instant.now < limit else { return .failure(unknown(failure, knowsSlots: knowsSlots)) }
            await waitForNews(until: limit)
        }
    }

    /// Why nobody is known to have a slot, although that was waited for.
    private func unknown(_ failure: ValkeyError?, knowsSlots: Bool) -> ValkeyError {
        switch failure {
        case .unreachable?: failure ?? .closed
        case .some(let failure): .unreachable(endpoint: url.description, reason: "\(failure)")
        case nil where knowsSlots: .server(ValkeyServerError("CLUSTERDOWN no node has the hash slot"))
        case nil: .unreachable(endpoint: url.description, reason: "no node told its hash slots in time")
        }
    }

    /// Divides calls among the nodes that have their slots.
    private func parts(
        _ calls: [ClusterCall],
        _ attempt: ClusterMachine.Attempt
    ) async -> Result<[Part], ValkeyError> {
        while true {
            let (parts, missing) = state.withLock { state -> ([Part], ClusterCall?) in
                var parts: [Part] = []
                for (index, call) in calls.enumerated() {
                    guard let place = find(call.slot, &state) else { return ([], call) }
                    if let known = parts.firstIndex(where: { $0.node == place.node }) {
                        parts[known].indices.append(index)
                    } else {
                        parts.append(Part(node: place.node, connection: place.connection, indices: [index]))
                    }
                }
                return (parts, nil)
            }
            guard let missing else { return .success(parts) }
            if case .failure(let error) = await locate(missing.slot, attempt) { return .failure(error) }
        }
    }

    private func connection(to node: ClusterNode, _ state: inout State) -> NodeConnection? {
        if let known = state.nodes[node] { return known }
        guard !state.isClosed else { return nil }
        var url = self.url
        url.isCluster = false
        url.otherNodes = []
        if case .tcp = url.endpoint { url.endpoint = .tcp(host: node.host, port: node.port) }
        var configuration = self.configuration
        configuration.onEvent = { [weak self, told = configuration.onEvent] event in
            told?(event)
            self?.advance { machine, _ in
                switch event {
                case .connected:
                    machine.connected(node)
                    return ClusterMachine.Work()
                case .disconnected: return machine.disconnected(node)
                }
            }
        }
        let made = NodeConnection(url: url, configuration: configuration, loop: loop)
        state.nodes[node] = made
        return made
    }

    /// Waits until a question for the slots is over, whatever came of it; bounded by a time.
    private func waitForNews(until limit: Instant) async {
        let id = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        let timer = loop.get().scheduleTask(deadline: .uptimeNanoseconds(UInt64(limit.nanoseconds))) {
            self.release(id)
        }
        await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                let isTaken = state.withLock { state in
                    guard !state.isClosed else { return false }
                    state.waiters[id] = continuation
                    return true
                }
                if !isTaken { continuation.resume() }
                // Cancelled, or out of time, before there was anything to release.
                if Task.isCancelled || Instant.now >= limit { release(id) }
                advance { _, _ in ClusterMachine.Work() }
            }
        } onCancel: {
            release(id)
        }
        timer.cancel()
    }

    private func release(_ waiter: UInt64) {
        state.withLock { $0.waiters.removeValue(forKey: waiter) }?.resume()
    }

    // MARK: Events

    /// Lets an event change the machine, then does what there is to do.
    private func advance(after event: (inout ClusterMachine, Instant) -> ClusterMachine.Work) {
        let step = state.withLock { state -> Step in
            let now = Instant.now
            let news = event(&state.machine, now)
            guard !state.isClosed else { return Step() }
            let work = state.machine.poll(now: now, isAwaited: !state.waiters.isEmpty)
            var step = Step()
            if let question = news.ask ?? work.ask, let connection = connection(to: question.node, &state) {
                step.ask = (question, connection)
            }
            step.close = work.close.compactMap { state.nodes.removeValue(forKey: $0) }
            if news.isNews {
                step.waiters = Array(state.waiters.values)
                state.waiters = [:]
            }
            step.wakeAt = work.wakeAt.flatMap { $0 < state.timerAt ? $0 : nil }
            return step
        }
        for waiter in step.waiters { waiter.resume() }
        for connection in step.close { connection.end() }
        if let (question, connection) = step.ask { ask(question, connection) }
        if let time = step.wakeAt { wake(at: time) }
    }

    private struct Step: Sendable {
        var ask: (ClusterMachine.Question, NodeConnection)?
        var close: [NodeConnection] = []
        var waiters: [UnsafeContinuation<Void, Never>] = []
        var wakeAt: Instant?
    }

    private func ask(_ question: ClusterMachine.Question, _ connection: NodeConnection) {
        connection.call(Self.slotsCommand, timeout: configuration.connectTimeout) { outcome in
            self.answered(question, outcome)
        }
    }

    private func answered(_ question: ClusterMachine.Question, _ outcome: Outcome) {
        let topology: Result<ClusterTopology, ValkeyError> = outcome.flatMap { reply in
            do throws(ValkeyError) {
                if case .error(let error) = reply { throw refusal(error, question.node) }
                let topology = try ClusterTopology(reply, asked: question.node)
                guard !topology.ranges.isEmpty else {
                    throw .server(ValkeyServerError("CLUSTERDOWN no node has any hash slot"))
                }
                return .success(topology)
            } catch {
                return .failure(error)
            }
        }
        advance { machine, now in
            switch topology {
            case .success(let topology): machine.told(topology, question.epoch, now: now)
            case .failure(let error): machine.failed(error, question.epoch, now: now)
            }
        }
    }

    private func refusal(_ error: ValkeyServerError, _ node: ClusterNode) -> ValkeyError {
        if error.message.includes("cluster support disabled") {
            return .rejected(endpoint: "\(node)", reason: "it is no cluster; leave cluster=true out of the URL")
        }
        if error.code == "NOPERM" {
            return .rejected(endpoint: "\(node)", reason: "\(error); a cluster's client needs +cluster|slots")
        }
        return .server(error)
    }

    private func wake(at time: Instant) {
        state.withLock { state in
            guard time < state.timerAt, !state.isClosed else { return }
            state.timer?.cancel()
            state.timerAt = time
            let deadline = NIODeadline.uptimeNanoseconds(UInt64(max(0, time.nanoseconds)) + 1_000_000)
            state.timer = loop.get().scheduleTask(deadline: deadline) {
                self.state.withLock { $0.timerAt = .never }
                self.advance { _, _ in ClusterMachine.Work() }
            }
        }
    }
}

/// What goes to one slot as one.
struct ClusterCall: Sendable {
    let bytes: [UInt8]
    let replies: Int
    let slot: HashSlot?

    /// The error that says that the node did not execute it.
    func error(in reply: ValkeyValue) -> ValkeyServerError? {
        switch reply {
        case .error(let error): return error
        case .array(let elements) where replies > 1:
            // A transaction: what a queued command was refused with says best what is wrong.
            for case .error(let error) in elements { return error }
            return nil
        default: return nil
        }
    }
}
