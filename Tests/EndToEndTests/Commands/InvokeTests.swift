import Glibc
import JSON
import Testing

/// `shopfn invoke`: one function, one event, no gateway, or one that runs.
@Suite(.blocking, .timeLimit(.minutes(15)))
struct InvokeTests {
    private let manifest = ProbeManifest(
        .init("hello", "Hello", "GET /hello"),
        .init("echo", "Echo", "POST /echo"),
        .init("inspect", "Inspect", "ANY /inspect/{name}", "environment: { COLOUR: blue }"),
        .init("big", "BigResponse", "GET /big"),
        .init("log", "Log", "GET /log"),
        .init("print", "Print", "GET /print"),
        .init("throw", "Throw", "GET /throw"),
        .init("problem", "ThrowProblem", "GET /problem"),
        .init("crash", "Crash", "GET /crash"),
        .init("fail-start", "FailStart", "GET /fail-start"),
        .init("sleep", "Sleep", "GET /sleep", "timeout: 300ms"),
        .init("busy", "BusyLoop", "GET /busy", "timeout: 300ms"),
        .init("remember", "Remember", "GET /remember/{key}")
    )

    @Test func aResponsesBodyIsPrinted() throws {
        let shopfn = try Commands(manifest)
        let hello = try shopfn("invoke", "hello")
        #expect(hello.status == 0 && hello.text == "hello", "\(hello)")
        let echo = try shopfn("invoke", "echo", "--data", "caf\u{E9}", "--header", "Content-Type: text/plain", "--full")
        #expect(echo.status == 0, "\(echo)")
        #expect(try echo.json["statusCode"]?.intValue == 200)
        #expect(try echo.json["headers"]?["content-type"]?.stringValue == "text/plain")
        #expect(try echo.json["body"]?.stringValue == "caf\u{E9}")
        #expect(try echo.json["isBase64Encoded"]?.boolValue == false)
        let big = try shopfn("invoke", "big", "--query", "size=300000", "--full")
        #expect(try big.json["isBase64Encoded"]?.boolValue == true)
        #expect(try big.json["body"]?.stringValue?.utf8.count == 400_000)
    }

    @Test func theRequestIsMadeOfItsOptions() throws {
        let shopfn = try Commands(manifest)
        let result = try shopfn(
            "invoke",
            "inspect",
            "--method",
            "PUT",
            "--path",
            "/inspect/caf\u{E9} 1?a=1",
            "--query",
            "b=2 3",
            "--header",
            "X-One: 1",
            "--header",
            "x-one: 2",
            "--header",
            "Cookie: session=s; theme=dark",
            "--data",
            "12345"
        )
        #expect(result.status == 0, "\(result)")
        let json = try result.json
        #expect(json["method"]?.stringValue == "PUT")
        #expect(json["parameters"]?["name"]?.stringValue == "caf\u{E9} 1")
        #expect(json["rawQuery"]?.stringValue == "a=1&b=2%203")
        #expect(json["bodySize"]?.intValue == 5)
        #expect(json["cookies"]?["session"]?.stringValue == "s" && json["cookies"]?["theme"]?.stringValue == "dark")
        #expect(Self.values(json, "x-one") == ["1", "2"])
        #expect(json["function"]?.stringValue == "inspect" && json["route"]?.stringValue == "/inspect/{name}")
        let environment = try shopfn("invoke", "inspect", "--path", "/inspect/a?variable=COLOUR")
        #expect(try environment.json["variable"]?.stringValue == "blue", "\(environment)")
    }

    private static func values(_ json: JSONValue, _ name: String) -> [String] {
        (json["headers"]?.arrayValue ?? []).filter { $0["name"]?.stringValue?.lowercased() == name }
            .compactMap { $0["value"]?.stringValue }
    }

    @Test func eventsOfPayloadTwoAreTaken() throws {
        let shopfn = try Commands(manifest)
        let event = """
            { "version": "2.0", "routeKey": "POST /inspect/{name}", "rawPath": "/inspect/x%20y",
              "rawQueryString": "a=1&a=2&b=%2F", "cookies": ["session=s", "theme=dark"],
              "headers": { "x-tags": "one,two", "content-type": "application/octet-stream" },
              "queryStringParameters": { "a": "1,2", "b": "/" },
              "requestContext": { "requestId": "id-1", "http": {
                "method": "POST", "path": "/inspect/x y", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1" } },
              "pathParameters": { "name": "x y" }, "body": "AP/+", "isBase64Encoded": true }
            """
        let result = try shopfn("invoke", "inspect", "--event", "-", input: event)
        #expect(result.status == 0, "\(result)")
        let json = try result.json
        #expect(json["method"]?.stringValue == "POST" && json["parameters"]?["name"]?.stringValue == "x y")
        #expect(json["rawQuery"]?.stringValue == "a=1&a=2&b=%2F" && json["bodySize"]?.intValue == 3)
        #expect(json["cookies"]?["theme"]?.stringValue == "dark" && Self.values(json, "x-tags") == ["one,two"])
        #expect(json["clientAddress"]?.stringValue == "192.0.2.1" && json["requestID"]?.stringValue == "id-1")

        let echo = """
            { "version": "2.0", "rawPath": "/echo", "requestContext": { "http": { "method": "POST", "path": "/echo" } },
              "body": "AP/+", "isBase64Encoded": true }
            """
        let answer = try shopfn("invoke", "echo", "--event", "-", "--full", input: echo)
        #expect(try answer.json["body"]?.stringValue == "AP/+" && answer.json["isBase64Encoded"]?.boolValue == true)
    }

    @Test func eventsOfPayloadOneAreTaken() throws {
        let shopfn = try Commands(manifest)
        let event = """
            { "version": "1.0", "resource": "/inspect/{name}", "path": "/inspect/abc", "httpMethod": "POST",
              "headers": { "X-Tags": "two" }, "multiValueHeaders": { "X-Tags": ["one", "two"], "Cookie": ["s=1"] },
              "queryStringParameters": { "a": "2" }, "multiValueQueryStringParameters": { "a": ["1", "2"] },
              "requestContext": { "requestId": "id-2", "identity": { "sourceIp": "192.0.2.2" } },
              "pathParameters": { "name": "abc" }, "body": "hello", "isBase64Encoded": false }
            """
        try Files.replace(shopfn.folder("event.json"), event)
        let result = try shopfn("invoke", "inspect", "--event", "event.json")
        #expect(result.status == 0, "\(result)")
        let json = try result.json
        #expect(Self.values(json, "x-tags") == ["one", "two"] && json["rawQuery"]?.stringValue == "a=1&a=2")
        #expect(json["cookies"]?["s"]?.stringValue == "1" && json["bodySize"]?.intValue == 5)
        #expect(json["clientAddress"]?.stringValue == "192.0.2.2" && json["requestID"]?.stringValue == "id-2")
    }

    @Test func aSampleEventCanBeInvoked() throws {
        let shopfn = try Commands(manifest)
        for version in ["1.0", "2.0"] {
            let event = try shopfn("events", "http", "--version", version, "--path", "/inspect/abc?q=1", "--data", "{}")
            let result = try shopfn("invoke", "inspect", "--event", "-", input: event.text)
            #expect(result.status == 0, "\(result)")
            #expect(try result.json["method"]?.stringValue == "POST")
            #expect(try result.json["parameters"]?["name"]?.stringValue == "abc")
        }
    }

    @Test func logsGoToStandardError() throws {
        let shopfn = try Commands(manifest)
        let result = try shopfn("invoke", "log")
        #expect(result.status == 0 && result.text.isEmpty && result.errors.contains("a line"), "\(result)")
    }

    @Test func whatAHandlerPrintsIsNoPartOfItsResponse() throws {
        let result = try Commands(manifest)("invoke", "print")
        #expect(result.status == 0 && result.text == "answered", "\(result)")
        #expect(result.errors.contains("a printed line\n"), "\(result)")
    }

    @Test func whatTheVariablesOfTheLogSayWronglyIsSaid() throws {
        let shopfn = try Commands(manifest)
        let valkey = ["VALKEY_URL": "valkey://127.0.0.1:1"]
        let wrong = ["SHOPFN_LOG_LEVEL": "loud", "SHOPFN_LOG_FORMAT": "xml"]
        let result = try shopfn("invoke", "log", environment: valkey.merging(wrong) { $1 })
        #expect(result.status == 0 && result.errors.contains("'loud', which is none of trace, debug"), "\(result)")
        #expect(result.errors.contains("'xml', which is none of text, json"), "\(result)")
        let right = ["SHOPFN_LOG_LEVEL": "INFO", "SHOPFN_LOG_FORMAT": "json"]
        let json = try shopfn("invoke", "log", environment: valkey.merging(right) { $1 })
        for line in json.errors.split(separator: "\n") {
            #expect((try? JSONValue(parsing: Array(line.utf8))) != nil, "\(line)")
        }
    }

    @Test func anAnswerThatIsNoFailureEndsWithZero() throws {
        let result = try Commands(manifest)("invoke", "problem", "--full")
        #expect(result.status == 0)
        #expect(try result.json["statusCode"]?.intValue == 422)
    }

    @Test(arguments: ["throw", "crash", "fail-start"])
    func aFunctionThatFailsEndsWithOne(name: String) throws {
        let result = try Commands(manifest)("invoke", name)
        #expect(result.status == 1, "\(result)")
        let reasons = ["throw": "the secret reason", "crash": "signal 6", "fail-start": "A_VARIABLE_NOBODY_SETS"]
        #expect(result.errors.contains(reasons[name] ?? "?"), "\(result)")
    }

    @Test func aScheduledFunctionSeesWhatItsScheduleSends() throws {
        let scheduled = ProbeManifest(.init("inspect", "Inspect", "", "schedule: every 1h"))
        let shopfn = try Commands(scheduled)
        let result = try shopfn("invoke", "inspect")
        #expect(result.status == 0, "\(result)")
        let json = try result.json
        #expect(json["method"]?.stringValue == "POST" && json["path"]?.stringValue == "/")
        #expect(Self.values(json, "x-shopfn-schedule") == ["every 1h"])
        #expect(json["isIdempotent"]?.boolValue == true)
        let gateway = try shopfn("invoke", "inspect", "--gateway", "http://127.0.0.1:1")
        #expect(gateway.status == 2 && gateway.errors.contains("has no route"), "\(gateway)")
    }

    @Test func aPathThatDoesNotReachTheFunctionIsRefused() throws {
        let shopfn = try Commands(manifest)
        let result = try shopfn("invoke", "inspect", "--path", "/inspct/a")
        #expect(result.status == 2 && result.errors.contains("--path /inspect/name"), "\(result)")
        // Another method still has the path's parameters.
        let other = try shopfn("invoke", "remember", "--path", "/remember/a", "--method", "POST", environment: [:])
        #expect(other.status == 0 && other.text.hasPrefix("a "), "\(other)")
    }

    @Test func aBodyThatAGatewayWouldRefuseIsRefused() throws {
        let shopfn = try Commands(ProbeManifest(.init("echo", "Echo", "POST /echo", "maxBody: 1Ki")))
        let most = try shopfn("invoke", "echo", "--data", String(repeating: "x", count: 1_024))
        #expect(most.status == 0 && most.text.utf8.count == 1_024, "\(most)")
        let more = try shopfn("invoke", "echo", "--data", String(repeating: "x", count: 1_025))
        #expect(more.status == 2 && more.errors.contains("maxBody"), "\(more)")
    }

    @Test func theStatusOfARefusalIsSaid() throws {
        let result = try Commands(manifest)("invoke", "problem")
        #expect(result.status == 0 && result.errors.contains("'problem' answered 422\n"), "\(result)")
    }

    @Test func aStateFolderThatCannotBeMadeIsSaid() throws {
        let result = try Commands(manifest)("invoke", "hello", "--state", "/proc/none", environment: [:])
        #expect(result.status == 3 && result.errors.contains("choose another folder with --state"), "\(result)")
    }

    @Test func whatIsWrongOnTheCommandLineEndsWithTwo() throws {
        let shopfn = try Commands(manifest)
        let name = try shopfn("invoke", "helo")
        #expect(name.status == 2 && name.errors.contains("did you mean 'hello'?"), "\(name)")
        let path = try shopfn("invoke", "inspect")
        #expect(path.status == 2 && path.errors.contains("--path"), "\(path)")
        for event in ["", "nonsense", "{}", "[]", "{\"version\":\"3.0\"}", "{\"httpMethod\":\"GET\"}"] {
            let result = try shopfn("invoke", "hello", "--event", "-", input: event)
            #expect(result.status == 2 && result.errors.split(separator: "\n").count == 1, "\(event): \(result)")
        }
        let both = try shopfn("invoke", "hello", "--event", "x", "--data", "y")
        #expect(both.status == 2, "\(both)")
        let missing = try shopfn("invoke", "hello", "--event", "no-such-file", "--output", "json")
        #expect(missing.status == 2)
        #expect(try missing.json["error"]?["code"]?.stringValue == "wrong-event")
    }

    @Test func whatCannotBeReachedEndsWithThree() throws {
        let shopfn = try Commands(manifest)
        let gateway = try shopfn("invoke", "hello", "--gateway", "http://127.0.0.1:1")
        #expect(gateway.status == 3 && gateway.errors.contains("127.0.0.1:1"), "\(gateway)")
        let program = try shopfn("invoke", "hello", environment: ["SHOPFN_VALKEY_SERVER": "/nonexistent"])
        #expect(program.status == 3 && program.errors.contains("Valkey"), "\(program)")
        let pools = try shopfn("pools", "--admin", "http://127.0.0.1:1")
        #expect(pools.status == 3, "\(pools)")
    }

    @Test(arguments: ["sleep", "busy"])
    func aDeadlineThatPassesEndsWithFour(name: String) throws {
        let begin = ContinuousClock.now
        let result = try Commands(manifest)("invoke", name, "--query", "ms=60000")
        #expect(result.status == 4 && result.errors.contains("300ms"), "\(result)")
        #expect(ContinuousClock.now - begin < .seconds(45))
    }

    @Test func stateIsKeptInAPrivateValkey() throws {
        let shopfn = try Commands(manifest)
        for run in 1...2 {
            let result = try shopfn("invoke", "remember", "--path", "/remember/a", environment: [:])
            #expect(result.status == 0 && result.text == "a \(run) \(run)", "\(result)")
        }
        // It is gone with the command.
        #expect(!Processes.all().contains { Processes.commandLine($0.pid).contains(shopfn.folder.path) })
    }

    @Test func aRunningGatewayIsUsedWhereItIsNamed() throws {
        let shop = try Shop(manifest)
        let shopfn = try Commands(manifest)
        let gateway = "http://127.0.0.1:\(shop.port)"
        let hello = try shopfn("invoke", "hello", "--gateway", gateway)
        #expect(hello.status == 0 && hello.text == "hello", "\(hello)")
        #expect(try shop.pool("hello").arrivals == 1)
        let full = try shopfn(
            "invoke",
            "inspect",
            "--gateway",
            gateway,
            "--method",
            "POST",
            "--path",
            "/inspect/x%2Fy?a=1",
            "--header",
            "X-One: 1",
            "--data",
            "abc",
            "--full"
        )
        #expect(full.status == 0, "\(full)")
        let body = try JSONValue(parsing: Array((try full.json["body"]?.stringValue ?? "").utf8))
        #expect(body["parameters"]?["name"]?.stringValue == "x/y" && body["bodySize"]?.intValue == 3)
        #expect(Self.values(body, "x-one") == ["1"])
        let failed = try shopfn("invoke", "throw", "--gateway", gateway)
        #expect(failed.status == 1 && failed.text.contains("internal-error"), "\(failed)")
        let late = try shopfn("invoke", "sleep", "--query", "ms=60000", "--gateway", gateway)
        #expect(late.status == 4, "\(late)")

        let table = try shopfn("pools", "--admin", "http://127.0.0.1:\(shop.adminPort)")
        #expect(table.status == 0 && table.text.hasPrefix("FUNCTION"), "\(table)")
        #expect(table.text.split(separator: "\n").count == manifest.functions.count + 1)
        let json = try shopfn("pools", "--admin", "http://127.0.0.1:\(shop.adminPort)", "--output", "json")
        #expect(try json.json["pools"]?.arrayValue?.count == manifest.functions.count)
        #expect(try shop.stop() == .code(0))
    }
}
