import Dispatching
import ExternalScaler
import GatewayDemand
import Scaling
import Time
import WorkerProtocol

/// Several replicas of the scaler in hand, gateways that pass on what each claims, and a clock moved by hand.
///
/// A message takes a while, to each replica another, so that they hear and learn apart.
struct DrivenReplicas {
    private struct Replica {
        var board: ScalerBoard
        var delay: Duration
        var gateways: Set<GatewayName> = []
        var said: [String: Bool] = [:]
        var warnings: [String] = []
    }

    private enum Message {
        case hear(replica: String, events: [DemandEvent])
        case claim(replica: String, gateway: GatewayName, PoolClaim)
    }

    private let functions: [ScaledFunction]
    private let settling: Duration
    private var replicas: [String: Replica] = [:]
    private var pools: [GatewayName: PoolDemand] = [:]
    private var tables: [GatewayName: ClaimTable<String>] = [:]
    private var mail: [(at: Instant, message: Message)] = []
    private(set) var now = Instant.origin

    init(_ functions: [ScaledFunction], gateways: [GatewayName] = ["a"], settling: Duration = .zero) {
        self.functions = functions
        self.settling = settling
        for gateway in gateways {
            pools[gateway] = DrivenBoard.pool(0)
            tables[gateway] = ClaimTable()
        }
    }

    /// Whether no message is on its way.
    var isQuiet: Bool { mail.isEmpty }

    // MARK: Replicas

    /// A replica begins; `saved` is what was learned before.
    mutating func start(
        _ name: String,
        delay: Duration = .milliseconds(3),
        reaching: [GatewayName]? = nil,
        known: Int? = nil,
        saved: [String: [UInt8]] = [:]
    ) {
        var timing = ScalerTiming()
        timing.settling = settling
        let reached = (reaching ?? Array(pools.keys)).sorted { $0.id < $1.id }
        replicas[name] = Replica(
            board: ScalerBoard(functions, timing: timing, wallClock: .seconds(86_400)),
            delay: delay
        )
        let step = replicas[name]?.board.restore(saved, now: now)
        perform(step, of: name)
        // The name leads to them before any is connected.
        send(to: name, [.reach(known: known ?? pools.count, connected: 0)])
        for gateway in reached {
            replicas[name]?.gateways.insert(gateway)
            send(to: name, [.connected(gateway, pools[gateway].map { [$0] } ?? [])])
        }
        send(to: name, [.reach(known: known ?? pools.count, connected: reached.count)])
    }

    /// A replica is gone, from one moment to the next.
    mutating func kill(_ name: String) {
        let gateways = replicas.removeValue(forKey: name)?.gateways ?? []
        for gateway in gateways { pass(on: tables[gateway]?.leave(name) ?? [], from: gateway) }
    }

    // MARK: What happens

    /// A gateway has so much in flight of `list`; all that are connected hear of it.
    mutating func demand(_ inFlight: Int, of gateway: GatewayName = "a", arrivals: UInt64 = 0, ready: Int = 0) {
        let pool = DrivenBoard.pool(inFlight, arrivals: arrivals, ready: ready)
        pools[gateway] = pool
        for (name, replica) in replicas where replica.gateways.contains(gateway) {
            send(to: name, [.demand(gateway, pool)])
        }
    }

    /// Moves the clock, delivering messages and firing timers in their order.
    mutating func advance(to seconds: Double) {
        let target = Instant(nanoseconds: Int64((seconds * 1e9).rounded()))
        while true {
            let timers = replicas.compactMap { name, replica in replica.board.nextCheck.map { (name, $0) } }
            let timer = timers.min { ($0.1, $0.0) < ($1.1, $1.0) }
            let letter = mail.indices.min { mail[$0].at < mail[$1].at }
            if let letter, mail[letter].at <= target, timer.map({ mail[letter].at <= $0.1 }) ?? true {
                let (at, message) = mail.remove(at: letter)
                now = max(now, at)
                deliver(message)
            } else if let timer, timer.1 <= target {
                now = max(now, timer.1)
                let step = replicas[timer.0]?.board.timerFired(now: now)
                perform(step, of: timer.0)
            } else {
                break
            }
        }
        now = target
    }

    private mutating func send(to name: String, _ events: [DemandEvent]) {
        guard let delay = replicas[name]?.delay else { return }
        mail.append((now + delay, .hear(replica: name, events: events)))
    }

    private mutating func pass(on words: [ClaimTable<String>.Word], from gateway: GatewayName) {
        for word in words {
            let event: DemandEvent =
                word.others.map { .othersClaim(gateway, $0) } ?? .othersSilent(gateway, function: word.function)
            send(to: word.peer, [event])
        }
    }

    private mutating func deliver(_ message: Message) {
        switch message {
        case .hear(let name, let events):
            let step = replicas[name]?.board.take(events, now: now)
            perform(step, of: name)
        case .claim(let name, let gateway, let claim):
            guard replicas[name] != nil else { return }
            pass(on: tables[gateway]?.claim(claim, by: name) ?? [], from: gateway)
        }
    }

    private mutating func perform(_ step: ScalerBoard.Step?, of name: String) {
        guard let step, let replica = replicas[name] else { return }
        for announcement in step.announcements {
            replicas[name]?.said[announcement.function] = announcement.isActive
        }
        replicas[name]?.warnings += step.warnings
        for claim in step.claims {
            for gateway in replica.gateways {
                mail.append((now + replica.delay, .claim(replica: name, gateway: gateway, claim)))
            }
        }
    }

    // MARK: Answers

    /// What a replica tells KEDA, `nil` where it tells nothing.
    func wanted(_ name: String, _ function: String = "list") -> Int? {
        let reference = ScaledObjectRef(name: "o", namespace: "n", scalerMetadata: ["function": function])
        guard let metadata = try? TriggerMetadata(reference) else { return nil }
        return try? replicas[name]?.board.wanted(metadata, now: now)
    }

    /// What each replica tells KEDA of the function.
    var answers: [Int?] { replicas.keys.sorted().map { wanted($0) } }

    /// What each replica last said of activity, unasked.
    var said: [Bool?] { replicas.keys.sorted().map { replicas[$0]?.said["list"] } }

    /// What each replica finds by itself.
    var own: [PoolClaim] { replicas.keys.sorted().compactMap { row($0)?.own } }

    func row(_ name: String) -> ScalerBoard.Row? { replicas[name]?.board.row("list") }
    func warnings(_ name: String) -> [String] { replicas[name]?.warnings ?? [] }

    /// What a replica has learned, by function.
    func learned(_ name: String) -> [String: [UInt8]] {
        let learned = replicas[name]?.board.learned(now: now) ?? []
        return Dictionary(uniqueKeysWithValues: learned.map { ($0.function, $0.state) })
    }
}
