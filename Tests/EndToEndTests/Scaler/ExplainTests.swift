import JSON
import Testing

/// `shopfn explain`, against a server that runs and against none.
@Suite(.blocking, .timeLimit(.minutes(15)))
struct ExplainTests {
    @Test func saysWhyAndWhatComesNext() throws {
        let shop = try Shop(
            ProbeManifest(.init("hello", "Hello", "GET /hello", "scale: { max: 5, policy: fixed, idle: 10m }"))
        )
        #expect(try shop.get("/hello").status == 200)
        let admin = "http://127.0.0.1:\(shop.adminPort)"
        let people = try run("explain", "hello", "--admin", admin)
        #expect(people.status == 0, "\(people)")
        for words in [
            "hello: 1 worker wanted", "fixed, 0 to 5 workers of 32 slots, idle for 10m at most",
            "1 invocation in flight at 32 a worker", "0 → 1", "0 workers in 9m", "if demand stays as it is",
        ] {
            #expect(people.text.contains(words), "\(words): \(people)")
        }
        let document = try run("explain", "hello", "--admin", admin, "--output", "json").json
        #expect(document["wanted"]?.intValue == 1 && document["planned"]?["wanted"]?.intValue == 0)
        #expect(document["history"]?.arrayValue?.last?["label"]?.stringValue == "demand")
        #expect(document["history"]?.arrayValue?.last?["inputs"]?["queued"]?.intValue == 1)

        let unknown = try run("explain", "helo", "--admin", admin)
        #expect(unknown.status == 2 && unknown.errors.contains("did you mean 'hello'?"), "\(unknown)")
        let hostile = try run("explain", "../../metrics", "--admin", admin)
        #expect(hostile.status == 2 && hostile.errors.contains("it serves hello"), "\(hostile)")
        #expect(try shop.stop() == .code(0))
    }

    @Test func withoutAServerItSaysHowToStartOne() throws {
        let result = try run("explain", "hello", "--admin", "http://127.0.0.1:1")
        #expect(result.status == 3 && result.errors.contains("start 'shopfn serve'"), "\(result)")
        #expect(result.errors.contains("--admin"))
    }

    private func run(_ arguments: String...) throws -> Commands.Result {
        let process = try ChildProcess(Programs.path("shopfn"), arguments)
        guard case .code(let status) = try process.end(within: .seconds(60)) else {
            throw TestFailure("ended by a signal: \(process.errorText)")
        }
        return Commands.Result(status: status, text: process.text, errors: process.errorText)
    }
}
