import Glibc
import Testing

/// Gateways and workers in network namespaces of their own, with a link between them that can be cut or made slow.
@Suite(.alone, .timeLimit(.minutes(10)))
struct PartitionTests {
    /// A worker's namespace, with a link to this one for each gateway.
    private final class Network {
        let name: String
        private let ip: String
        let isThere: Bool

        /// `links`: the last-but-one numbers of the links' addresses; this side is 10.77.N.1, the worker's 10.77.N.2.
        init?(_ links: [Int]) throws {
            name = "shopfn-\(getpid() % 10_000)"
            guard getuid() == 0, let ip = Programs.installed("ip") else { return nil }
            self.ip = ip
            isThere = Self.run(ip, "netns add \(name)")
            guard isThere else { return nil }
            _ = Self.run(ip, "-n \(name) link set lo up")
            for link in links {
                let ends = ("sf\(link)h", "sf\(link)w")
                guard Self.run(ip, "link add \(ends.0) type veth peer name \(ends.1) netns \(name)"),
                    Self.run(ip, "addr add 10.77.\(link).1/24 dev \(ends.0)"),
                    Self.run(ip, "link set \(ends.0) up"),
                    Self.run(ip, "-n \(name) addr add 10.77.\(link).2/24 dev \(ends.1)"),
                    Self.run(ip, "-n \(name) link set \(ends.1) up")
                else { return nil }
            }
        }

        deinit {
            if isThere { _ = Self.run(ip, "netns del \(name)") }
        }

        /// The command that runs a program in the worker's namespace.
        var prefix: [String] { [ip, "netns", "exec", name] }

        /// Drops, or no longer drops, whatever passes a link; neither side is told.
        func cut(_ link: Int, _ isCut: Bool) -> Bool {
            // Frames go to an address that nobody has, so that nothing answers, not even with an error.
            let wrong = "lladdr 02:00:00:00:00:01 nud permanent"
            let here = isCut ? "replace 10.77.\(link).2 \(wrong)" : "del 10.77.\(link).2"
            let there = isCut ? "replace 10.77.\(link).1 \(wrong)" : "del 10.77.\(link).1"
            return Self.run(ip, "neigh \(here) dev sf\(link)h")
                && Self.run(ip, "-n \(name) neigh \(there) dev sf\(link)w")
        }

        private static func run(_ program: String, _ arguments: String) -> Bool {
            let words = arguments.split(separator: " ").map(String.init)
            guard let process = try? ChildProcess(program, words) else { return false }
            return (try? process.end(within: .seconds(60))) == .code(0)
        }
    }

    private static let manifest = ProbeManifest(
        .init("sleep", "Sleep", "GET /sleep", "timeout: 4s"),
        .init("echo", "Echo", "POST /echo", "timeout: 30s")
    )

    private func network(_ links: [Int]) throws -> Network? {
        let network = try Network(links)
        if network == nil { print("skipped: network namespaces need root and 'ip netns'") }
        return network
    }

    @Test func aPartitionedGatewayIsGivenUpAndTheOtherGoesOn() async throws {
        guard let network = try network([1, 2]) else { return }
        let shop = try RemoteShop(Self.manifest)
        let options = ["--ping-interval", "0.5"]
        let cutOff = try shop.gateway("10.77.1.1", options)
        let other = try shop.gateway("10.77.2.1", options)
        let worker = try shop.worker(
            "sleep",
            handler: "Sleep",
            gateways: [cutOff.address, other.address],
            prefix: network.prefix
        )
        for gateway in [cutOff, other] {
            try eventually("the worker is there", within: .seconds(60), state: worker.errorText) {
                try gateway.count("slots", of: "sleep") > 0
            }
        }
        #expect(try cutOff.get("/sleep?ms=1").status == 200)
        async let kept = other.get("/sleep?ms=3000")
        #expect(network.cut(1, true))
        // What went to the worker then is answered all the same, by its deadline at the latest.
        let lost = try cutOff.get("/sleep?ms=1", within: .seconds(60))
        #expect([502, 503, 504].contains(lost.status), "\(lost)")
        try eventually("the worker is given up", within: .seconds(60)) { try cutOff.count("ready", of: "sleep") == 0 }
        let waiting = try cutOff.get("/sleep?ms=1", within: .seconds(60))
        #expect(waiting.status == 503 && waiting["retry-after"] != nil, "\(waiting)")
        #expect(try await kept.text == "slept")
        // The other gateway can have every slot, those of the one that is gone as well.
        let load = Load(port: other.port, address: other.address, connections: 16)
        async let result = load.run { _ in Load.Request("GET", "/sleep?ms=200") }
        try eventually("all slots are used", within: .seconds(60), state: worker.errorText) {
            try other.count("running", of: "sleep") == 8
        }
        load.stop()
        #expect(await result.failed == 0)
        #expect(network.cut(1, false))
        try eventually("the worker is back", within: .seconds(60), state: worker.errorText) {
            try cutOff.count("slots", of: "sleep") > 0
        }
        #expect(try cutOff.get("/sleep?ms=1").status == 200)
        worker.signal(SIGTERM)
        #expect(try worker.end(within: .seconds(60)) == .code(0))
    }

    @Test func aSlowLinkIsNotTakenForADeadOne() throws {
        let shop = try RemoteShop(Self.manifest)
        let gateway = try shop.gateway("127.0.0.2", ["--ping-interval", "1"])
        let link = try SlowLink(
            from: ("127.0.0.3", shop.workerPort),
            to: (gateway.address, shop.workerPort),
            delay: .milliseconds(300),
            bytesPerSecond: 1 << 20
        )
        let worker = try shop.worker("echo", handler: "Echo", gateways: ["127.0.0.3"])
        try eventually("the worker is there", within: .seconds(60), state: worker.errorText) {
            try gateway.count("slots", of: "echo") > 0
        }
        let body = [UInt8](repeating: 0x61, count: 600_000)
        for _ in 0..<2 {
            let connection = try gateway.connect()
            connection.send(Shop.bytes("POST", "/echo", ["Connection: close"], body: body))
            #expect(try connection.reply(to: "POST", within: .seconds(60)).body == body)
        }
        #expect(!worker.errorText.contains("nothing was heard"), "\(worker.errorText)")
        #expect(try gateway.metric("shopfn_retries_total", "function=\"echo\"") == 0)
        worker.signal(SIGTERM)
        #expect(try worker.end(within: .seconds(60)) == .code(0))
        link.stop()
    }
}
