import Glibc
import JSON
import Testing

/// `shopfn serve --demand-log`.
@Suite(.blocking, .timeLimit(.minutes(15)))
struct DemandLogTests {
    private static let manifest = ProbeManifest(
        .init("hello", "Hello", "GET /hello"),
        .init("sleep", "Sleep", "GET /sleep", "concurrency: 1", "scale: { max: 1 }"),
        .init("unused", "Hello", "GET /unused")
    )
    private static let head = "# shopfn demand log 1\nminute,function,invocations,avg_ms,p50_ms,p99_ms,max_ms\n"

    private struct Row {
        var function: Substring
        var invocations: Int
        var durations: [Double]

        init(_ line: Substring) throws {
            let fields = line.split(separator: ",", omittingEmptySubsequences: false)
            guard fields.count == 7, fields[0].hasSuffix(":00Z"), fields[0].count == 20,
                let invocations = Int(fields[2])
            else { throw TestFailure("no row: \(line)") }
            function = fields[1]
            self.invocations = invocations
            durations = fields[3...].compactMap { Double($0) }
            guard durations.count == 4 else { throw TestFailure("no durations: \(line)") }
        }
    }

    private func rows(_ path: String) throws -> [Row] {
        let text = String(decoding: try Files.bytes(path), as: UTF8.self)
        guard text.hasPrefix(Self.head) else { throw TestFailure("no demand log: \(text)") }
        return try text.dropFirst(Self.head.count).split(separator: "\n").map(Row.init)
    }

    @Test func everyInvocationIsInItOnceWithTheTimeItRan() async throws {
        let folder = try TemporaryFolder()
        let log = folder("demand.csv")
        let shop = try Shop(Self.manifest, ["--demand-log", log], folder: folder)
        for _ in 0..<25 { #expect(try shop.get("/hello").status == 200) }
        await withTaskGroup { group in
            // One slot: the last one waits three seconds for it.
            for _ in 0..<4 { group.addTask { _ = try? shop.get("/sleep?ms=1000") } }
        }
        #expect(try shop.stop() == .code(0))
        var all = try rows(log)
        let hello = all.filter { $0.function == "hello" }
        let sleep = all.filter { $0.function == "sleep" }
        #expect(hello.map(\.invocations).reduce(0, +) == 25 && sleep.map(\.invocations).reduce(0, +) == 4)
        #expect(!all.contains { $0.function == "unused" })
        // Average, median, 99th percentile and the longest, without the waiting.
        for row in sleep { #expect(row.durations.allSatisfy { (950..<3_000).contains($0) }, "\(row)") }
        for row in hello { #expect(row.durations[1] <= row.durations[2] && row.durations[2] <= row.durations[3]) }

        // It goes on after a restart, and can be replayed.
        let second = try Shop(Self.manifest, ["--demand-log", log], folder: folder)
        #expect(try second.get("/hello").status == 200)
        #expect(try second.stop() == .code(0))
        all = try rows(log)
        #expect(all.filter { $0.function == "hello" }.map(\.invocations).reduce(0, +) == 26)
        let replay = try ChildProcess(
            Programs.path("shopfn"),
            ["simulate", "--from", log, "--policy", "adaptive", "--output", "json"],
            folder: folder.path
        )
        #expect(try replay.end(within: .seconds(60)) == .code(0), "\(replay.errorText)")
        let policy = try JSONValue(parsing: Array(replay.text.utf8))["policies"]?.arrayValue?.first
        #expect(policy?["requests"]?.intValue == 30, "\(replay.text)")
    }

    @Test func aLineThatWasCutOffIsRemoved() throws {
        let folder = try TemporaryFolder()
        let log = folder("demand.csv")
        let row = "2026-11-27T21:31:00Z,hello,3,1.000,1.000,1.000,1.000\n"
        try Files.replace(log, Self.head + row + "2026-11-27T21:32:00Z,hel")
        let shop = try Shop(Self.manifest, ["--demand-log", log], folder: folder)
        #expect(try shop.get("/hello").status == 200)
        #expect(try shop.stop() == .code(0))
        #expect(try rows(log).map(\.invocations) == [3, 1])
    }

    @Test func aFileOfAnotherKindIsLeftAlone() throws {
        let shopfn = try Commands(Self.manifest)
        try Files.replace(shopfn.folder("notes.txt"), "my notes")
        for (name, word) in [("notes.txt", "is no demand log"), ("no/such/folder", "can not be written")] {
            let result = try shopfn("serve", "--port", "0", "--admin-port", "0", "--demand-log", shopfn.folder(name))
            #expect(result.status == 2 && result.errors.contains(word), "\(result)")
            #expect(result.errors.contains("--demand-log"))
        }
        #expect(try Files.bytes(shopfn.folder("notes.txt")) == Array("my notes".utf8))
    }

    @Test func aFullDiskIsInNoRequestsWay() throws {
        let shop = try Shop(Self.manifest, ["--demand-log", "/dev/full"])
        for _ in 0..<10 { #expect(try shop.get("/hello").status == 200) }
        #expect(try shop.stop() == .code(0))
        let warnings = shop.process.errorText.split(separator: "\n").filter { $0.contains("demand log is not written") }
        #expect(warnings.count == 1, "\(shop.process.errorText)")
    }
}
