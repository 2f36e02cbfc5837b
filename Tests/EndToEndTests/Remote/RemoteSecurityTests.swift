import Glibc
import LoopbackTestSupport
import Testing
import WorkerProtocol

/// Who is let in on the worker port, and who is not.
@Suite(.blocking, .timeLimit(.minutes(10)))
struct RemoteSecurityTests {
    private static let manifest = ProbeManifest(.init("hello", "Hello", "GET /hello", "timeout: 5s"))

    private func hello(version: UInt16 = ProtocolLimits.version, token: String) throws -> [UInt8] {
        var bytes: [UInt8] = []
        let hello = Hello(
            version: version,
            token: token,
            workerID: "w",
            function: "hello",
            revision: "",
            concurrency: 1,
            pid: 1
        )
        try WorkerFrame.hello(hello).append(to: &bytes)
        return bytes
    }

    private func refusal(_ bytes: [UInt8]) throws -> Refusal? {
        try bytes.withUnsafeBytes { raw in
            guard case .refuse(let refusal)? = try GatewayFrame.decode(raw)?.frame else { return nil }
            return refusal
        }
    }

    private func answer(_ bytes: [UInt8], from gateway: RemoteGateway, _ shop: RemoteShop) throws -> [UInt8] {
        let connection = try RawConnection(address: gateway.address, port: shop.workerPort)
        defer { close(connection.descriptor) }
        let (answer, isClosed) = connection.exchange(bytes, within: .seconds(60))
        #expect(isClosed)
        return answer
    }

    @Test func aWrongTokenIsRefusedLoggedAndCounted() throws {
        let shop = try RemoteShop(Self.manifest)
        let gateway = try shop.gateway()
        for token in ["", "wrong", "a-secret-of-this-tes", "a-secret-of-this-test-", "A-secret-of-this-test"] {
            let answer = try answer(try hello(token: token), from: gateway, shop)
            #expect(try refusal(answer)?.code == .token)
        }
        #expect(try gateway.metric("shopfn_refused_workers_total", "reason=\"token\"") == 5)
        #expect(gateway.process.errorText.contains("its token is not this gateway's"))
        // A real worker with another secret says so, and goes on trying.
        try Files.replace(shop.folder("wrong"), "another\n")
        let worker = try ChildProcess(
            try Programs.path("probe"),
            ["--function", "hello", "--gateway", "127.0.0.1:\(shop.workerPort)", "--plaintext"]
                + ["--token-file", shop.folder("wrong")]
        )
        try eventually("the worker says why") { worker.errorText.contains("its token is not this gateway's") }
        #expect(worker.isRunning)
        // Its file is read again at every attempt.
        try Files.replace(shop.folder("wrong"), "a-secret-of-this-test\n")
        try eventually("it is let in", within: .seconds(60)) { try gateway.count("ready", of: "hello") == 1 }
        #expect(try gateway.get("/hello").text == "hello")
    }

    @Test func anotherVersionIsRefusedInWords() throws {
        let shop = try RemoteShop(Self.manifest)
        let gateway = try shop.gateway()
        for version in [ProtocolLimits.version - 1, ProtocolLimits.version + 1, .max] {
            let answer = try answer(try hello(version: version, token: "a-secret-of-this-test"), from: gateway, shop)
            let refusal = try refusal(answer)
            #expect(refusal?.code == .version)
            #expect(refusal?.reason.contains("version \(version)") == true)
        }
        #expect(try gateway.metric("shopfn_refused_workers_total", "reason=\"version\"") == 3)
        var scaler: [UInt8] = []
        try ScalerFrame.hello(ScalerHello(version: 9, token: "", scalerID: "s")).append(to: &scaler)
        let answer = try answer(scaler, from: gateway, shop)
        let frame = try answer.withUnsafeBytes { try DemandFrame.decode($0)?.frame }
        guard case .refuse(let refused)? = frame else {
            Issue.record("no refusal: \(String(describing: frame))")
            return
        }
        #expect(refused.code == .version)
    }

    @Test func whatIsNoPeerIsCutOff() throws {
        let shop = try RemoteShop(Self.manifest)
        let gateway = try shop.gateway()
        for bytes in [Shop.bytes("GET", "/"), [UInt8](repeating: 0, count: 64), [0xFF, 0xFF, 0xFF, 0x7F, 0x21, 0, 0]] {
            _ = try answer(bytes, from: gateway, shop)
        }
        // One that says nothing, or not all of who it is, is not waited for for ever.
        var scaler: [UInt8] = []
        try ScalerFrame.hello(ScalerHello(token: "", scalerID: "s")).append(to: &scaler)
        for bytes in [[], scaler.dropLast(), try hello(token: "").dropLast()] {
            _ = try answer(Array(bytes), from: gateway, shop)
        }
        #expect(try gateway.metric("shopfn_refused_workers_total", "reason=\"protocol\"") == 3)
        #expect(try gateway.admin("/readyz").status == 200)
    }

    @Test func certificatesAreChecked() throws {
        let shop = try RemoteShop(Self.manifest, security: .tls)
        let gateway = try shop.gateway()
        let base = [
            "--function", "hello", "--gateway", "127.0.0.1:\(shop.workerPort)", "--token-file", shop.folder("token"),
        ]
        let cases: [([String], String)] = [
            (["--ca", shop.folder("other.pem"), "--server-name", "gateways"], "the certificate is not trusted"),
            (["--ca", shop.folder("ca.pem"), "--server-name", "elsewhere"], "the certificate is not trusted"),
            (["--ca", shop.folder("ca.pem")], "the certificate is not trusted"),
            (["--plaintext"], "it closed the connection before it said anything"),
        ]
        for (options, reason) in cases {
            let worker = try ChildProcess(try Programs.path("probe"), base + options)
            try eventually("a worker says why: \(reason)", within: .seconds(60), state: worker.errorText) {
                worker.errorText.contains(reason)
            }
            #expect(try gateway.count("ready", of: "hello") == 0)
        }
        #expect(try (gateway.metric("shopfn_refused_workers_total", "reason=\"tls\"") ?? 0) > 0)
        let worker = try ChildProcess(try Programs.path("probe"), base + shop.peerOptions.dropFirst(2))
        try eventually("a right one is let in", within: .seconds(60), state: worker.errorText) {
            try gateway.count("ready", of: "hello") == 1
        }
    }

    @Test func tokenAndCertificateAreReplacedWithoutARestart() throws {
        let shop = try RemoteShop(Self.manifest, security: .tls)
        let gateway = try shop.gateway()
        try Files.replace(shop.folder("token"), "the-next-secret\na-secret-of-this-test\n")
        try #require(shop.authority).issue("server", for: "DNS:renamed")
        try Files.replace(shop.folder("old"), "a-secret-of-this-test")
        // Both secrets are good, and the certificate is the new one.
        for file in ["token", "old"] {
            let worker = try ChildProcess(
                try Programs.path("probe"),
                ["--function", "hello", "--gateway", "127.0.0.1:\(shop.workerPort)"]
                    + ["--token-file", shop.folder(file), "--ca", shop.folder("ca.pem"), "--server-name", "renamed"]
            )
            try eventually("the secret of '\(file)' is good", within: .seconds(60), state: worker.errorText) {
                try gateway.count("ready", of: "hello") == 1
            }
            worker.signal(SIGKILL)
            try eventually("it is gone") { try gateway.count("ready", of: "hello") == 0 }
        }
        try Files.replace(shop.folder("token"), "the-next-secret\n")
        let late = try ChildProcess(
            try Programs.path("probe"),
            ["--function", "hello", "--gateway", "127.0.0.1:\(shop.workerPort)"]
                + ["--token-file", shop.folder("old"), "--ca", shop.folder("ca.pem"), "--server-name", "renamed"]
        )
        // It may come before the gateway has looked at its file; then it is in, as those are that came before.
        try eventually("the gateway has seen the change", within: .seconds(60)) {
            try late.errorText.contains("its token is not") || gateway.count("ready", of: "hello") == 1
        }
        #expect(try gateway.stop() == .code(0))
    }

    @Test func commandLinesSayWhatIsMissing() throws {
        let shop = try RemoteShop(Self.manifest)
        let base = ["gateway", "--manifest", shop.folder("functions.yaml"), "--port", "0", "--admin-port", "0"]
        let cases: [([String], String)] = [
            (["--token-file", shop.folder("token")], "--plaintext to go without TLS"),
            (["--token-file", "/nowhere", "--plaintext"], "the token file /nowhere cannot be used"),
            (["--token-file", shop.folder("token"), "--tls-certificate", "/c"], "belong together"),
            (
                ["--token-file", shop.folder("token"), "--tls-certificate", "/c", "--tls-key", "/k"],
                "/c and /k are no certificate with its key"
            ),
            (["--plaintext"], "--token-file"),
        ]
        for (arguments, expected) in cases {
            let process = try ChildProcess(try Programs.path("shopfn"), base + arguments)
            #expect(try process.end(within: .seconds(60)) == .code(2), "\(arguments)")
            #expect(process.errorText.contains(expected), "\(process.errorText)")
        }
    }
}
