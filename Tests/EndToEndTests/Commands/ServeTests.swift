import Glibc
import JSON
import Testing

/// How `shopfn serve` begins.
@Suite(.blocking, .timeLimit(.minutes(15)))
struct ServeTests {
    @Test func nothingStartsOnABrokenManifest() throws {
        let manifest = ProbeManifest(
            .init("hello", "Hello", "GET /hello", "timout: 1s"),
            .init("nobody", "NoSuchHandler", "GET /nobody"),
            .init("unbuilt", "Hello", "GET /unbuilt", module: "no-such-module"),
            .init("again", "Hello", "GET /hello")
        )
        let shopfn = try Commands(manifest)
        let result = try shopfn("serve", "--port", "0", "--admin-port", "0", environment: [:])
        #expect(result.status == 2, "\(result)")
        for word in ["timeout", "NoSuchHandler", "no-such-module", "GET /hello"] {
            #expect(result.errors.contains(word), "\(word): \(result)")
        }
        #expect(!Processes.all().contains { Processes.commandLine($0.pid).contains(shopfn.folder.path) })
        #expect(!Files.exists(shopfn.folder(".shopfn")))
    }

    @Test func whatAHandlerPrintsIsSeenAtOnceAmongTheLogs() throws {
        let shop = try Shop(ProbeManifest(.init("print", "Print", "GET /print", "scale: { idle: 1h }")))
        #expect(try shop.get("/print").text == "answered")
        try eventually("the line is there") { shop.process.errorText.contains("a printed line\n") }
        #expect(shop.workers("print").count == 1, "while its worker lives")
        #expect((try? JSONValue(parsing: Array(shop.process.text.utf8))) != nil, "\(shop.process.text)")
        #expect(try shop.stop() == .code(0))
    }

    @Test func withoutAValkeyItSaysHowToGetOne() throws {
        let shopfn = try Commands(ProbeManifest(.init("hello", "Hello", "GET /hello")))
        let result = try shopfn(
            "serve",
            "--port",
            "0",
            "--admin-port",
            "0",
            environment: ["SHOPFN_VALKEY_SERVER": "/nonexistent"]
        )
        #expect(result.status == 3 && result.errors.contains("--valkey"), "\(result)")
    }

    @Test func itPrintsWhereToCallAndEachRoute() throws {
        let shopfn = try Commands(
            ProbeManifest(.init("hello", "Hello", "GET /hello"), .init("echo", "Echo", "POST /echo/{name}"))
        )
        let process = try ChildProcess(
            Programs.path("shopfn"),
            ["serve", "--port", "0", "--admin-port", "0", "--valkey", "valkey://127.0.0.1:1"],
            folder: shopfn.folder.path
        )
        try eventually("it is up", state: process.errorText) { process.text.contains("Ctrl-C") }
        let lines = process.text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        #expect(lines.contains(["GET", "/hello", "hello"]) && lines.contains(["POST", "/echo/{name}", "echo"]))
        let url = try #require(lines.joined().first { $0.hasPrefix("http://127.0.0.1:") })
        let port = try #require(url.split(separator: ":").last.flatMap { UInt16($0) })
        let connection = try Connection(port: port)
        connection.send(Shop.bytes("GET", "/hello"))
        #expect(try connection.reply().text == "hello")
        process.signal(SIGTERM)
        #expect(try process.end(within: .seconds(60)) == .code(0))
    }

    @Test func thousandsOfRoutesAreServed() throws {
        var manifest = ProbeManifest()
        for index in 0..<2_000 {
            manifest.functions.append(.init("function-\(index)", "Inspect", "GET /group-\(index % 50)/\(index)/{name}"))
        }
        let shop = try Shop(manifest)
        for index in [0, 999, 1_999] {
            let reply = try shop.get("/group-\(index % 50)/\(index)/a")
            #expect(try reply.json["function"]?.stringValue == "function-\(index)")
        }
        #expect(try shop.get("/group-1/2/a").status == 404)
        #expect(shop.workers().count == 3)
        #expect(MetricsCheck.mistakes(in: try shop.admin("/metrics").text) == [])
        #expect(try shop.stop() == .code(0))
    }
}
