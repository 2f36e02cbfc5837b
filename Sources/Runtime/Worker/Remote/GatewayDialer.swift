import Glibc
import Peering
import Synchronization
import Time

/// Keeps a worker connected to one gateway: dials, hands the connection over, waits for its end, dials again.
///
/// A thread of its own does this, so that a gateway that cannot be reached delays no other.
final class GatewayDialer: Sendable {
    /// A connection for the worker to use until it calls ``over(_:)``.
    struct Connected: Sendable {
        let transport: Transport
        let token: String
        let address: String
        let dialer: GatewayDialer
    }

    /// How a connection ended.
    enum Ending: Sendable {
        /// It was in use.
        case lost(reason: String)
        /// The gateway did not take the worker.
        case refused(reason: String)
        /// Another connection leads to the same gateway.
        case duplicate
    }

    private struct State {
        var isRetired = false
        var ending: Ending?
    }

    /// Where to connect; of a host, at whichever address it has then.
    enum Target: Hashable, Sendable {
        case address(ResolvedAddress, host: String)
        case host(String, port: UInt16)

        var host: String {
            switch self {
            case .address(_, let host), .host(let host, _): host
            }
        }
    }

    private let target: Target
    private let settings: RemoteSettings
    private let deliver: @Sendable (Connected) -> Void
    private let report: @Sendable (ReportLevel, String) -> Void
    private let bell: Wake
    private let state = Mutex(State())

    init(
        _ target: Target,
        settings: RemoteSettings,
        report: @escaping @Sendable (ReportLevel, String) -> Void,
        deliver: @escaping @Sendable (Connected) -> Void
    ) throws(SystemError) {
        self.target = target
        self.settings = settings
        self.report = report
        self.deliver = deliver
        bell = try Wake()
        try Thread.start { self.run() }
    }

    deinit {
        close(bell.descriptor)
    }

    /// The worker is done with the connection it was given.
    func over(_ ending: Ending) {
        state.withLock { $0.ending = ending }
        bell.now()
    }

    /// The gateway is not to be dialed again; a connection that is there stays.
    func retire() {
        state.withLock { $0.isRetired = true }
        bell.now()
    }

    // MARK: The thread

    private func run() {
        var backoff = Backoff()
        var lastComplaint = ""
        func complain(_ complaint: String) {
            // The same trouble is told once.
            report(complaint == lastComplaint ? .debug : .warning, complaint)
            lastComplaint = complaint
        }
        while !isRetired {
            var pause = backoff.next(random: .random(in: 0..<1))
            do throws(DialError) {
                deliver(try dial())
                switch waitForEnding() {
                case .lost(let reason):
                    complain("the connection to gateway \(name) ended: \(reason)")
                    lastComplaint = ""
                    backoff.reset()
                    pause = backoff.next(random: .random(in: 0..<1))
                case .refused(let reason):
                    complain("gateway \(name) refused this worker: \(reason)")
                case .duplicate:
                    pause = .seconds(30)
                }
            } catch {
                complain("gateway \(name) cannot be reached: \(error)")
            }
            sleep(pause)
        }
    }

    private var isRetired: Bool { state.withLock { $0.isRetired } }

    private var name: String {
        switch target {
        case .address(let address, let host):
            address.address == host ? "\(address)" : "\(address) (\(host))"
        case .host(let host, let port):
            "\(host):\(port)"
        }
    }

    private func waitForEnding() -> Ending {
        while true {
            let ending = state.withLock { state in
                defer { state.ending = nil }
                return state.ending
            }
            if let ending { return ending }
            _ = try? Poll.wait([.read(bell.descriptor)], nanoseconds: nil)
            bell.clear()
        }
    }

    /// Waits; a retirement cuts it short.
    private func sleep(_ duration: Duration) {
        let end = MonotonicClock.now() + duration.wholeNanoseconds
        while !isRetired {
            let left = end - MonotonicClock.now()
            guard left > 0 else { return }
            _ = try? Poll.wait([.read(bell.descriptor)], nanoseconds: left)
            bell.clear()
        }
    }

    // MARK: Connecting

    private func dial() throws(DialError) -> Connected {
        do {
            let address = try address()
            let token = try TokenFile.tokens(settings.tokenFile)[0]
            let end = MonotonicClock.now() + settings.connectTimeout.wholeNanoseconds
            let authorities = try settings.authorities.map { try Authorities(file: $0) }
            let socket = try Sockets.connect(to: address, until: end)
            let transport: Transport
            do {
                transport = try secured(socket, authorities, until: end)
            } catch {
                close(socket)
                throw error
            }
            return Connected(transport: transport, token: token, address: "\(address)", dialer: self)
        } catch {
            throw DialError(description: "\(error)")
        }
    }

    private func address() throws(ResolverError) -> ResolvedAddress {
        switch target {
        case .address(let address, _):
            return address
        case .host(let host, let port):
            let all = try Resolver.addresses(of: host, port: port)
            guard let first = all.first(where: { !$0.address.contains(":") }) ?? all.first else {
                throw ResolverError(host: host, reason: "it has no address", isUnknownName: true)
            }
            return first
        }
    }

    private func secured(
        _ socket: CInt,
        _ authorities: Authorities?,
        until end: Int64
    ) throws(SystemError) -> Transport {
        guard let authorities else { return .plain(socket) }
        let name = settings.serverName ?? target.host
        let stream = try SecureStream(descriptor: socket, authorities: authorities, name: name)
        while true {
            let left = end - MonotonicClock.now()
            guard left > 0 else { throw SystemError("the TLS handshake", code: ETIMEDOUT) }
            switch try stream.handshake() {
            case .done: return .secure(stream)
            case .read: _ = try Poll.wait([.read(socket)], nanoseconds: left)
            case .write: _ = try Poll.wait([.write(socket)], nanoseconds: left)
            }
        }
    }
}

/// A gateway could not be connected to.
struct DialError: Error, CustomStringConvertible {
    let description: String
}
