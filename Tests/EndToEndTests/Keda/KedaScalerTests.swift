import Glibc
import JSON
import LoopbackTestSupport
import Testing
import WorkerProtocol

/// KEDA's contract from the outside: a client made from its published interface, against the real process.
@Suite(.blocking, .timeLimit(.minutes(15)), .enabled(if: KedaClient.python != nil, KedaClient.comment))
struct KedaScalerTests {
    private func pool(_ inFlight: Int, arrivals: UInt64, ready: Int = 0) -> PoolDemand {
        PoolDemand(function: "hello", arrivals: arrivals, inFlight: inFlight, readyWorkers: ready)
    }

    @Test func everyMethodFollowsTheDemand() throws {
        let gateway = try PlayedGateway(token: Scaler.token)
        gateway.tell(pool(0, arrivals: 0))
        let scaler = try Scaler([gateway.port])
        let keda = try KedaClient()
        try scaler.hears(1)

        // At zero.
        let spec = try keda.call("GetMetricSpec", scaler.about())["specs"]?.arrayValue
        #expect(spec?.count == 1)
        #expect(spec?.first?["name"]?.stringValue == "shopfn-workers-hello")
        #expect(spec?.first?["size"]?.intValue == 1)
        #expect(spec?.first?["float"]?.doubleValue == 1)
        #expect(try keda.call("IsActive", scaler.about())["result"] == .bool(false))
        #expect(try metric(keda, scaler) == 0)
        #expect(try keda.call("IsActive", scaler.about("warm"))["result"] == .bool(true))
        _ = try keda.call("open", scaler.about("hello", [("stream", "s")]))
        #expect(try keda.next("s")["result"] == .bool(false))

        // The first arrival is told at once, and a stream that is opened afterwards hears of it as well.
        gateway.tell(pool(1, arrivals: 1))
        try keda.hears(true, on: "s")
        _ = try keda.call("open", scaler.about("hello", [("stream", "later")]))
        try keda.hears(true, on: "later")
        #expect(try keda.call("IsActive", scaler.about())["result"] == .bool(true))
        #expect(try metric(keda, scaler) == 1)

        // More is in flight, up to more than there may be.
        gateway.tell(pool(5, arrivals: 5, ready: 1))
        try scaler.wants(5)
        #expect(try metric(keda, scaler) == 5)
        #expect(try metric(keda, scaler, "s0-shopfn-workers-hello") == 5)
        gateway.tell(pool(50, arrivals: 50, ready: 5))
        try scaler.wants(8)
        #expect(try metric(keda, scaler) == 8)
        try eventually("the gateway knows what is wanted", within: .seconds(30)) {
            gateway.status(of: "hello")?.wanted == 8
        }

        // It ends, a second after nothing more was needed.
        gateway.tell(pool(0, arrivals: 50, ready: 8))
        try keda.hears(false, on: "s")
        try keda.hears(false, on: "later")
        #expect(try metric(keda, scaler) == 0)
        #expect(try keda.call("IsActive", scaler.about())["result"] == .bool(false))
        // And again.
        gateway.tell(pool(1, arrivals: 51))
        try keda.hears(true, on: "s")

        let metrics = try scaler.admin("/metrics").text
        #expect(metrics.contains("shopfn_scaler_activations_total{function=\"hello\"}"))
        #expect(metrics.contains("shopfn_scaler_streams 2\n"))
        scaler.process.signal(SIGTERM)
        #expect(try scaler.process.end(within: .seconds(30)) == .code(0))
    }

    @Test func refusesInWords() throws {
        let gateway = try PlayedGateway(token: Scaler.token)
        let scaler = try Scaler([gateway.port])
        let keda = try KedaClient()
        try scaler.hears(1)
        for method in ["IsActive", "GetMetricSpec", "GetMetrics"] {
            let unknown = try keda.call(method, scaler.about("helo"))
            #expect(unknown["status"]?.stringValue == "NOT_FOUND", "\(method): \(unknown)")
            #expect(
                unknown["message"]?.stringValue == "the manifest has no function 'helo'; did you mean 'hello'?"
            )
            let none = try keda.call(method, [("scaler", .string(scaler.address))])
            #expect(none["status"]?.stringValue == "INVALID_ARGUMENT")
            #expect(
                none["message"]?.stringValue
                    == "the trigger of ScaledObject shop/object names no function; give its metadata 'function: NAME'"
            )
        }
        _ = try keda.call("open", scaler.about("nowhere", [("stream", "s")]))
        #expect(try keda.next("s")["status"]?.stringValue == "NOT_FOUND")
        let metric = try keda.call("GetMetrics", scaler.about("hello", [("metric", "s0-other")]))
        #expect(metric["status"]?.stringValue == "NOT_FOUND")
        // A method that KEDA may do without.
        #expect(try keda.call("StreamMetricSpec", scaler.about())["status"]?.stringValue == "UNIMPLEMENTED")
        // Bytes that are no message.
        let bytes = try keda.call(
            "raw",
            [("scaler", .string(scaler.address)), ("method", "IsActive"), ("request", "0aff")]
        )
        #expect(bytes["status"]?.stringValue == "INVALID_ARGUMENT")
        #expect(bytes["message"]?.stringValue?.contains("the message ends within a field") == true)
        // The health service of gRPC.
        let health: [(String, JSONValue)] = [("scaler", .string(scaler.address))]
        #expect(try keda.call("Health", health)["response"]?.stringValue == "0801")
        let strange = try keda.call("Health", health + [("request", "0a0178")])
        #expect(strange["status"]?.stringValue == "NOT_FOUND")
    }

    /// To say "not active" would have KEDA end the workers: while demand is not seen nothing is said.
    @Test func saysNothingRatherThanNoWhileNoGatewayIsThere() throws {
        let gateway = try PlayedGateway(token: Scaler.token)
        gateway.tell(pool(3, arrivals: 3, ready: 3))
        let scaler = try Scaler([gateway.port])
        let keda = try KedaClient()
        try scaler.hears(1)
        try scaler.wants(3)
        #expect(try scaler.admin("/readyz").status == 200)
        _ = try keda.call("open", scaler.about("hello", [("stream", "s")]))
        #expect(try keda.next("s")["result"] == .bool(true))

        gateway.leave()
        try scaler.hears(0)
        #expect(try scaler.admin("/readyz").status == 503)
        #expect(try scaler.admin("/livez").status == 200)
        for method in ["IsActive", "GetMetrics"] {
            let answer = try keda.call(method, scaler.about())
            #expect(answer["status"]?.stringValue == "UNAVAILABLE", "\(method): \(answer)")
        }
        // An HPA is made from what the manifest says.
        #expect(try keda.call("GetMetricSpec", scaler.about())["specs"]?.arrayValue?.count == 1)
        #expect(try keda.next("s", within: 3) == ["silent": true])

        try gateway.comeBack()
        try scaler.hears(1)
        // Another process, with no demand; nothing was found connected, so nothing is wanted.
        #expect(try keda.next("s")["result"] == .bool(false))
        gateway.tell(pool(1, arrivals: 1))
        #expect(try keda.next("s")["result"] == .bool(true))
    }

    @Test func replicasAgreeAndOneIsEnough() throws {
        let first = try PlayedGateway(token: Scaler.token)
        let second = try PlayedGateway(token: Scaler.token)
        let ports = [first.port, second.port]
        first.tell(pool(2, arrivals: 2))
        second.tell(pool(3, arrivals: 3))
        let scalers = [try Scaler(ports), try Scaler(ports)]
        let keda = try KedaClient()
        for scaler in scalers {
            try scaler.hears(2)
            try scaler.wants(5)
            #expect(try metric(keda, scaler) == 5)
        }
        _ = try keda.call("open", scalers[0].about("hello", [("stream", "a")]))
        _ = try keda.call("open", scalers[1].about("hello", [("stream", "b")]))
        #expect(try keda.next("a")["result"] == .bool(true))
        #expect(try keda.next("b")["result"] == .bool(true))
        first.tell(pool(0, arrivals: 2))
        second.tell(pool(0, arrivals: 3))
        #expect(try keda.next("a")["result"] == .bool(false))
        #expect(try keda.next("b")["result"] == .bool(false))

        // One ends: its streams end without an error, after which KEDA comes again soonest.
        scalers[0].process.signal(SIGTERM)
        #expect(try keda.next("a") == ["status": "OK"])
        #expect(try scalers[0].process.end(within: .seconds(30)) == .code(0))
        second.tell(pool(1, arrivals: 4, ready: 1))
        #expect(try keda.next("b")["result"] == .bool(true))
        #expect(try metric(keda, scalers[1]) == 1)
        // A replica that begins meanwhile agrees.
        let third = try Scaler(ports)
        try third.hears(2)
        try third.wants(1)
        #expect(try metric(keda, third) == 1)

        // A gateway out of sight may have what the workers are for.
        second.leave()
        try scalers[1].hears(1)
        first.tell(pool(0, arrivals: 2))
        #expect(try keda.next("b", within: 3) == ["silent": true])
        #expect(try metric(keda, scalers[1]) == 1)
    }

    /// A gateway that is yet to be replaced refuses what it does not know, and is spoken to as it understands.
    @Test func speaksToAGatewayOfBeforeAsThatUnderstands() throws {
        let before = try PlayedGateway(token: Scaler.token, version: 2)
        let now = try PlayedGateway(token: Scaler.token)
        before.tell(pool(2, arrivals: 2))
        now.tell(pool(3, arrivals: 3))
        let scaler = try Scaler([before.port, now.port])
        let keda = try KedaClient()
        try scaler.hears(2)
        try scaler.wants(5)
        #expect(try metric(keda, scaler) == 5)
        try eventually("both know what is wanted", within: .seconds(60)) {
            before.status(of: "hello")?.wanted == 5 && now.status(of: "hello")?.wanted == 5
                && now.claim(of: "hello")?.wanted == 5
        }
        #expect(before.claim(of: "hello") == nil)
        #expect(before.refused > 0 && now.refused == 0)
    }

    @Test func aCancelledStreamIsForgotten() throws {
        let gateway = try PlayedGateway(token: Scaler.token)
        let scaler = try Scaler([gateway.port])
        let keda = try KedaClient()
        try scaler.hears(1)
        for _ in 0..<20 {
            _ = try keda.call("open", scaler.about("hello", [("stream", "s")]))
            #expect(try keda.next("s")["result"] == .bool(false))
            _ = try keda.call("cancel", [("stream", "s")])
        }
        try eventually("no stream is left", within: .seconds(30), state: scaler.process.errorText) {
            try scaler.admin("/metrics").text.contains("shopfn_scaler_streams 0\n")
        }
    }

    @Test func takesUpAChangedManifest() throws {
        let gateway = try PlayedGateway(token: Scaler.token)
        gateway.tell(pool(50, arrivals: 50, ready: 8))
        let scaler = try Scaler([gateway.port])
        let keda = try KedaClient()
        try scaler.hears(1)
        try scaler.wants(8)
        _ = try keda.call("open", scaler.about("warm", [("stream", "s")]))
        #expect(try keda.next("s")["result"] == .bool(true))
        let text = ProbeManifest(
            .init("hello", "Hello", "GET /hello", "concurrency: 1", "scale: { max: 3, idle: 1s, policy: fixed }")
        ).text
        try Files.replace(scaler.folder("functions.yaml"), text)
        try scaler.wants(3)
        #expect(try metric(keda, scaler) == 3)
        #expect(try keda.next("s") == ["status": "OK"])
        #expect(try keda.call("IsActive", scaler.about("warm"))["status"]?.stringValue == "NOT_FOUND")
        // One with a mistake changes nothing.
        try Files.replace(scaler.folder("functions.yaml"), text + "    nonsense: 1\n")
        try eventually("it says so", within: .seconds(30)) { scaler.process.errorText.contains("not reloaded") }
        #expect(try metric(keda, scaler) == 3)
    }

    @Test(.enabled(if: Programs.installed("openssl") != nil, "skipped: there is no openssl to make certificates with"))
    func speaksTLSAndChecksWhoCalls() throws {
        let authority = try TestAuthority()
        defer { authority.remove() }
        try authority.issue("server", for: "DNS:localhost,IP:127.0.0.1")
        try authority.issue("client", for: "DNS:client")
        let gateway = try PlayedGateway(token: Scaler.token)
        let arguments = [
            "--tls-certificate", authority.file("server.pem"), "--tls-key", authority.file("server.key"),
            "--tls-client-ca", authority.file("ca.pem"),
        ]
        let scaler = try Scaler([gateway.port], arguments)
        let keda = try KedaClient()
        try scaler.hears(1)
        let trust: [(String, JSONValue)] = [("ca", .string(authority.file("ca.pem")))]
        let proof: [(String, JSONValue)] = [
            ("certificate", .string(authority.file("client.pem"))), ("key", .string(authority.file("client.key"))),
        ]
        #expect(try keda.call("IsActive", scaler.about("warm", trust + proof))["result"] == .bool(true))
        #expect(try keda.call("IsActive", scaler.about("warm", trust))["status"]?.stringValue == "UNAVAILABLE")
        #expect(try keda.call("IsActive", scaler.about("warm"))["status"]?.stringValue == "UNAVAILABLE")
        scaler.process.signal(SIGTERM)
        #expect(try scaler.process.end(within: .seconds(30)) == .code(0))
    }

    @Test func refusesACommandLineThatCannotWork() throws {
        let commands = try Commands(Scaler.manifest)
        let cases: [([String], Int32, String)] = [
            (["--token-file", "t"], 2, "say how gateways are trusted"),
            (["--token-file", "t", "--plaintext", "--tls-key", "k"], 2, "--tls-certificate and --tls-key"),
            (["--token-file", "t", "--plaintext", "--gateway", "gateways"], 2, "has no port"),
            (
                ["--token-file", "t", "--plaintext", "--tls-key", "k", "--tls-certificate", "c"], 2,
                "the certificate c or its key cannot be used"
            ),
        ]
        for (arguments, status, words) in cases {
            let result = try commands(["keda-scaler"] + arguments)
            #expect(result.status == status, "\(result)")
            #expect(result.errors.contains(words), "\(result)")
        }
        // A port that is taken.
        let gateway = try PlayedGateway(token: Scaler.token)
        let token = commands.folder("token")
        try Files.replace(token, Scaler.token)
        let taken = try commands([
            "keda-scaler", "--token-file", token, "--plaintext", "--host", "127.0.0.1", "--port", "\(gateway.port)",
            "--admin-port", "0",
        ])
        #expect(taken.status == 3, "\(taken)")
        #expect(taken.errors.contains("can not be listened on"), "\(taken)")
    }

    private func metric(_ keda: KedaClient, _ scaler: Scaler, _ name: String = "") throws -> Int? {
        let answer = try keda.call("GetMetrics", scaler.about("hello", [("metric", .string(name))]))
        guard let value = answer["values"]?.arrayValue?.first, answer["values"]?.arrayValue?.count == 1 else {
            throw TestFailure("no metric: \(answer)")
        }
        #expect(value["name"]?.stringValue == "shopfn-workers-hello")
        #expect(value["float"]?.doubleValue == value["value"]?.doubleValue)
        return value["value"]?.intValue
    }
}
