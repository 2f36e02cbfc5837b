import Foundation
import Glibc
import LoopbackTestSupport
import Synchronization
import WorkerProtocol

/// A gateway's worker port as a scaler sees it, with demand as the test tells.
final class PlayedGateway: Sendable {
    private struct State {
        var listener: CInt = -1
        var connections: [CInt] = []
        var pools: [String: PoolDemand] = [:]
        var starts = 0
        var refused = 0
        var statuses: [String: PoolStatus] = [:]
        var claims: [String: PoolClaim] = [:]
    }

    let port: UInt16
    private let token: String
    private let version: UInt16
    private let state = Mutex(State())

    /// `version` is the only one it speaks.
    init(token: String, version: UInt16 = ProtocolLimits.scalerVersions.upperBound) throws {
        self.token = token
        self.version = version
        let (listener, port) = try LoopbackTestSupport.listen()
        self.port = UInt16(port)
        state.withLock { $0.listener = listener }
        serve(listener)
    }

    deinit { leave() }

    var refused: Int { state.withLock { $0.refused } }
    var connections: Int { state.withLock { $0.connections.count } }
    /// What scalers said of a function.
    func status(of function: String) -> PoolStatus? { state.withLock { $0.statuses[function] } }

    /// What scalers claimed of a function.
    func claim(of function: String) -> PoolClaim? { state.withLock { $0.claims[function] } }

    /// A pool's figures are others from now on; all scalers are told.
    func tell(_ pool: PoolDemand) {
        state.withLock { state in
            state.pools[pool.function] = pool
            for connection in state.connections { Self.send(.demand(pool), to: connection) }
        }
    }

    /// The process is gone, with its connections.
    func leave() {
        state.withLock { state in
            if state.listener >= 0 {
                shutdown(state.listener, Int32(SHUT_RDWR))
                close(state.listener)
            }
            state.listener = -1
            for connection in state.connections { shutdown(connection, Int32(SHUT_RDWR)) }
            state.connections = []
            state.pools = [:]
        }
    }

    /// A new process is there, on the same port, with no demand.
    func comeBack() throws {
        let (listener, _) = try LoopbackTestSupport.listen(port: port)
        state.withLock { $0.listener = listener }
        serve(listener)
    }

    private func serve(_ listener: CInt) {
        let start = state.withLock { state in
            state.starts += 1
            return state.starts
        }
        Thread.detachNewThread { [weak self] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                guard let self else {
                    close(connection)
                    return
                }
                Thread.detachNewThread { [weak self] in
                    Self.read(connection) { self?.received($0, on: connection, start) ?? false }
                    self?.state.withLock { state in state.connections.removeAll { $0 == connection } }
                    close(connection)
                }
            }
        }
    }

    /// Takes up a frame; false ends the connection.
    private func received(_ frame: ScalerFrame, on connection: CInt, _ start: Int) -> Bool {
        state.withLock { state in
            switch frame {
            case .hello(let hello):
                guard hello.version == version else {
                    state.refused += 1
                    Self.send(.refuse(Refusal(code: .version, reason: "it is of another version")), to: connection)
                    return false
                }
                guard hello.token == token else {
                    state.refused += 1
                    Self.send(.refuse(Refusal(code: .token, reason: "the token is not right")), to: connection)
                    return false
                }
                Self.send(.welcome(gatewayID: "played-\(port)-\(start)"), to: connection)
                for pool in state.pools.values { Self.send(.demand(pool), to: connection) }
                Self.send(.snapshotEnd, to: connection)
                state.connections.append(connection)
            case .status(let status): state.statuses[status.function] = status
            case .claim(let claim): state.claims[claim.function] = claim
            case .lead, .forget, .askLoads, .fire, .pong: break
            }
            return true
        }
    }

    // MARK: Sockets

    private static func send(_ frame: DemandFrame, to connection: CInt) {
        var bytes: [UInt8] = []
        // A frame of a test is no larger than one may be.
        try? frame.append(to: &bytes)
        while !bytes.isEmpty {
            let count = Glibc.send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
            guard count > 0 else { return }
            bytes.removeFirst(count)
        }
    }

    private static func read(_ connection: CInt, _ received: (ScalerFrame) -> Bool) {
        var unread: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = recv(connection, &chunk, chunk.count, 0)
            guard count > 0 else { return }
            unread += chunk[..<count]
            while let (frame, size) = unread.withUnsafeBytes({ try? ScalerFrame.decode($0) }) {
                unread.removeFirst(size)
                if !received(frame) { return }
            }
        }
    }
}
