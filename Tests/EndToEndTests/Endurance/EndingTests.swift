import Glibc
import JSON
import Testing

/// How it ends: in order when asked to, and without leftovers when killed.
@Suite(.blocking, .timeLimit(.minutes(15)))
struct EndingTests {
    @Test func requestsUnderWayAreAnsweredBeforeItEnds() async throws {
        let shop = try Shop(
            ProbeManifest(
                .init("sleep", "Sleep", "POST /sleep", "concurrency: 4", "scale: { min: 0, max: 2, idle: 60s }")
            )
        )
        let load = Load(port: shop.port, connections: 24)
        // Nothing is repeated that may have had an effect: the client gives up at a refused connection.
        async let result = load.run(endsOnRefusal: true) { _ in .init("POST", "/sleep?ms=100", body: [1]) }
        try eventually("load is on") { load.answered > 50 }
        try eventually("some wait") { try shop.pool("sleep").queued > 0 }
        #expect(try shop.stop(within: .seconds(60)) == .code(0))
        let done = await result
        #expect(done.failed == 0, "\(done.failures)")
        #expect(done.statuses.keys.elementsEqual([200]), "\(done.statuses)")
    }

    @Test func aRequestWithoutEndDoesNotKeepItForEver() throws {
        let shop = try Shop(
            ProbeManifest(.init("sleep", "Sleep", "GET /sleep", "timeout: 100s")),
            ["--drain-timeout", "0.5"]
        )
        let connection = try shop.connect()
        connection.send(Shop.bytes("GET", "/sleep?ms=90000"))
        try eventually("it runs") { try shop.pool("sleep").running == 1 }
        let workers = shop.workers()
        #expect(try shop.stop(within: .seconds(60)) == .code(0))
        #expect(connection.isClosed(within: .seconds(60)))
        #expect(workers.allSatisfy { !Processes.isAlive($0) })
    }

    @Test func itEndsInOrderWhileIdleConnectionsAreOpen() throws {
        let shop = try Shop(ProbeManifest(.init("hello", "Hello", "GET /hello")), state: .ofItsOwn)
        let idle = try shop.connect()
        idle.send(Shop.bytes("GET", "/hello"))
        #expect(try idle.reply().status == 200)
        let fresh = try shop.connect()
        let tree = Processes.tree(of: shop.process.pid).map(\.pid)
        #expect(tree.count >= 4)
        #expect(try shop.stop(within: .seconds(60)) == .code(0))
        #expect(idle.isClosed(within: .seconds(60)) && fresh.isClosed(within: .seconds(60)))
        try eventually("no process is left") { tree.allSatisfy { !Processes.isAlive($0) } }
    }

    @Test func interruptingItIsAsGood() throws {
        let shop = try Shop(ProbeManifest(.init("hello", "Hello", "GET /hello")))
        #expect(try shop.get("/hello").status == 200)
        shop.process.signal(SIGINT)
        #expect(try shop.process.end(within: .seconds(60)) == .code(0))
    }

    @Test func nothingIsLeftWhenItIsKilled() throws {
        let shop = try Shop(
            ProbeManifest(
                .init("hello", "Hello", "GET /hello", "scale: { min: 3, max: 3 }"),
                .init("sleep", "Sleep", "GET /sleep", "timeout: 60s"),
                .init("stuck", "BlockForever", "GET /stuck", "timeout: 60s")
            ),
            state: .ofItsOwn
        )
        try eventually("three are ready") { try shop.pool("hello").ready == 3 }
        let connections = try ["/sleep?ms=50000", "/stuck"].map { path in
            let connection = try shop.connect()
            connection.send(Shop.bytes("GET", path))
            return connection
        }
        try eventually("both run") { try shop.pool("sleep").running == 1 && shop.pool("stuck").running == 1 }
        // Gateway, private Valkey, template, five workers.
        let tree = Processes.tree(of: shop.process.pid).map(\.pid)
        #expect(tree.count == 8)
        shop.process.signal(SIGKILL)
        #expect(try shop.process.end(within: .seconds(60)) == .signal(SIGKILL))
        try eventually(
            "no process is left",
            within: .seconds(60),
            state: "\(Processes.all().filter { tree.contains($0.pid) })"
        ) {
            tree.allSatisfy { !Processes.isAlive($0) }
        }
        #expect(connections.allSatisfy { $0.isClosed(within: .seconds(60)) })
    }

    @Test func aTemplateThatIsKilledIsMadeAnew() throws {
        let shop = try Shop(ProbeManifest(.init("inspect", "Inspect", "GET /inspect")))
        #expect(try shop.get("/inspect").status == 200)
        for _ in 0..<3 {
            let template = try #require(Processes.all().first { $0.parent == shop.process.pid })
            kill(template.pid, SIGKILL)
            try eventually("it is gone") { !Processes.isAlive(template.pid) }
            let reply = try shop.get("/inspect")
            #expect(reply.status == 200, "\(reply)")
        }
        #expect(try shop.stop() == .code(0))
    }

    @Test func aPortThatIsTakenIsSaid() throws {
        let shop = try Shop(ProbeManifest(.init("hello", "Hello", "GET /hello")))
        let second = try ChildProcess(
            Programs.path("shopfn"),
            [
                "serve", "--manifest", shop.folder("functions.yaml"), "--port", "\(shop.port)", "--admin-port", "0",
                "--valkey", "valkey://127.0.0.1:1",
            ]
        )
        #expect(try second.end(within: .seconds(60)) == .code(3))
        #expect(
            second.errorText
                == "shopfn: 127.0.0.1:\(shop.port) can not be listened on: something listens there already, perhaps another "
                + "shopfn; end it, or choose another with --port\n"
        )
        #expect(try shop.get("/hello").status == 200)
        #expect(try shop.stop() == .code(0))
    }

    @Test func foldersOfKilledServersAreRemovedAtTheNextStart() throws {
        let dead = try SocketFolder(listens: false, age: 60)
        // Made in an hour: young however long the machine stands still.
        let young = try SocketFolder(listens: false, age: -3_600)
        let alive = try SocketFolder(listens: true, age: 60)
        let foreign = try SocketFolder(listens: false, age: 60)
        try Files.replace(foreign.path + "/notes", "mine")
        let shop = try Shop(ProbeManifest(.init("hello", "Hello", "GET /hello")))
        #expect(!Files.exists(dead.path))
        #expect(Files.exists(alive.path + "/workers.sock") && Files.exists(young.path + "/workers.sock"))
        #expect(Files.exists(foreign.path + "/workers.sock") && Files.exists(foreign.path + "/notes"))
        #expect(try shop.get("/hello").status == 200)
        #expect(try shop.stop() == .code(0))
    }
}

/// A folder like that of a server's workers; removed with it.
private final class SocketFolder {
    let path: String
    private let descriptor: CInt

    /// `age`: How many seconds ago the socket was made.
    init(listens: Bool, age: Int) throws {
        var template = Array("/tmp/shopfn-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw TestFailure("no folder in /tmp: \(systemError())") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let name = path + "/workers.sock"
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name.utf8.prefix(107)) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0, !listens || listen(descriptor, 8) == 0 else { throw TestFailure("bind: \(systemError())") }
        let then = timespec(tv_sec: time(nil) - age, tv_nsec: 0)
        guard utimensat(AT_FDCWD, name, [then, then], 0) == 0 else { throw TestFailure("utimensat: \(systemError())") }
    }

    deinit {
        close(descriptor)
        unlink(path + "/workers.sock")
        unlink(path + "/notes")
        rmdir(path)
    }
}
