import Glibc
import Testing

/// What the scaler has learned, over restarts, with a file that is there, damaged, or can not be.
@Suite(.blocking, .timeLimit(.minutes(15)))
struct LearnedStateTests {
    private static let manifest = ProbeManifest(
        .init("hello", "Hello", "GET /hello", "scale: { policy: adaptive }"),
        .init("inspect", "Inspect", "GET /inspect", "scale: { policy: adaptive }")
    )
    private static let warning = "what the scaler had learned"

    @Test func survivesARestart() throws {
        let folder = try TemporaryFolder()
        let first = try learned(in: folder)
        #expect(first.starts(with: "shopfn learned state 1\n".utf8) && first.count > 200)
        // A run in which nothing happens forgets nothing.
        let shop = try Shop(Self.manifest, folder: folder)
        #expect(try shop.stop() == .code(0))
        #expect(!shop.process.errorText.contains("learned"), "\(shop.process.errorText)")
        #expect(try Files.bytes(folder(".shopfn/scaling.state")).count == first.count)
    }

    @Test func aDamagedFileIsDiscardedWithAWarning() throws {
        let folder = try TemporaryFolder()
        let whole = try learned(in: folder)
        var flipped = whole
        flipped[whole.count / 3] ^= 0x10
        let damaged: [(String, [UInt8])] = [
            ("another file", Array("hello\n".utf8)),
            ("noise", (0..<5_000).map { UInt8(truncatingIfNeeded: $0 &* 167) }),
            ("cut off", Array(whole.prefix(whole.count / 2))), ("one bit", flipped), ("empty", []),
        ]
        for (what, bytes) in damaged {
            try Files.replace(folder(".shopfn/scaling.state"), bytes)
            let shop = try Shop(Self.manifest, folder: folder)
            #expect(try shop.get("/hello").status == 200, "\(what)")
            #expect(try shop.stop() == .code(0), "\(what)")
            let log = shop.process.errorText
            #expect(log.contains("learned is lost") || log.contains("saved state was discarded"), "\(what): \(log)")
            // And a right one is there again.
            #expect(try Files.bytes(folder(".shopfn/scaling.state")).starts(with: "shopfn learned".utf8), "\(what)")
        }
    }

    @Test func aFolderThatCanNotBeIsAWarningAndNoMore() throws {
        let folder = try TemporaryFolder()
        try Files.replace(folder(".shopfn"), "a file")
        let shop = try Shop(Self.manifest, folder: folder)
        #expect(try shop.get("/hello").status == 200)
        #expect(try shop.stop() == .code(0))
        #expect(shop.process.errorText.contains("is not saved"), "\(shop.process.errorText)")
    }

    @Test func aFullDiskIsAWarningAndKeepsTheOldFile() throws {
        let folder = try TemporaryFolder()
        let manifest = folder("functions.yaml")
        try Files.replace(manifest, Self.manifest.text)
        // A file system of 16 KiB with no room left, in a mount namespace of its own.
        let script = """
            mkdir "$1/.shopfn" && mount -t tmpfs -o size=16k none "$1/.shopfn" || exit 77
            printf 'old' > "$1/.shopfn/scaling.state"; cat /dev/zero > "$1/.shopfn/full" 2>/dev/null
            "$2" serve --manifest "$1/functions.yaml" --port 0 --admin-port 0 --valkey valkey://127.0.0.1:1 &
            server=$!; trap 'kill $server' TERM; wait $server; wait $server; code=$?
            cat "$1/.shopfn/scaling.state"; exit $code
            """
        let process = try ChildProcess(
            "/usr/bin/unshare",
            ["--map-root-user", "--mount", "sh", "-c", script, "sh", folder.path, try Programs.path("shopfn")]
        )
        try eventually("it is up, or can not be tried", within: .seconds(60), state: process.errorText) {
            process.text.contains("Ctrl-C") || !process.isRunning
        }
        guard process.isRunning else {
            print("skipped: aFullDiskIsAWarningAndKeepsTheOldFile: this user may mount nothing: \(process.errorText)")
            return
        }
        process.signal(SIGTERM)
        #expect(try process.end(within: .seconds(60)) == .code(0))
        #expect(process.errorText.contains("is not saved") && process.errorText.contains("No space"), process.comment)
        #expect(process.text.hasSuffix("old"), process.comment)
    }

    /// Runs once with some requests, and gives the file.
    private func learned(in folder: TemporaryFolder) throws -> [UInt8] {
        let shop = try Shop(Self.manifest, folder: folder)
        for _ in 0..<3 {
            #expect(try shop.get("/hello").status == 200)
            #expect(try shop.get("/inspect").status == 200)
        }
        #expect(try shop.stop() == .code(0))
        #expect(!shop.process.errorText.contains(Self.warning), "\(shop.process.errorText)")
        return try Files.bytes(folder(".shopfn/scaling.state"))
    }
}

extension ChildProcess {
    fileprivate var comment: Comment { "\(text)\n\(errorText)" }
}
