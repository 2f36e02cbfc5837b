import ArgumentParser
import HTTPTransfer
import JSON

/// `shopfn pools`: the state of a running gateway's pools.
struct PoolsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pools",
        abstract: "Show a running gateway's pools: workers, slots, queue, and why there are so many."
    )

    @Option(help: ArgumentHelp("The address of the gateway's admin port.", valueName: "url"))
    var admin = "http://127.0.0.1:9090"

    @Flag(help: "Show it again every second, until Ctrl-C.")
    var watch = false

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let client = AdminClient(admin)
        repeat {
            let document = try await client.get("/api/pools")
            switch output.output {
            case .json: Terminal.write(json: document)
            case .table: Terminal.write((watch ? "\u{1B}[H\u{1B}[2J" : "") + Self.table(document))
            }
            if watch { try await Task.sleep(for: .seconds(1)) }
        } while watch
    }

    private static func table(_ document: JSONValue) -> String {
        var table = Table(
            "FUNCTION",
            "WORKERS",
            "READY",
            "STARTING",
            "LEAVING",
            "SLOTS",
            "RUNNING",
            "QUEUED",
            "ARRIVALS",
            "COLD",
            "WANTED",
            "REASON"
        )
        for pool in document["pools"]?.arrayValue ?? [] {
            func number(_ name: String) -> String { pool[name]?.intValue.map(String.init) ?? "-" }
            table.add(
                pool["function"]?.stringValue ?? "",
                number("workers"),
                number("ready"),
                number("starting"),
                number("leaving"),
                number("slots"),
                number("running"),
                number("queued"),
                number("arrivals"),
                number("coldStarts"),
                number("wanted"),
                Self.reason(of: pool)
            )
        }
        return table.text
    }

    /// Why there are so many workers; where none can be started, why not.
    private static func reason(of pool: JSONValue) -> String {
        let failure = pool["failure"]?["message"]?.stringValue ?? pool["failure"]?.stringValue
        return failure.map { "no worker can be started: \($0)" } ?? pool["reason"]?.stringValue ?? ""
    }
}

/// Asks a gateway's admin port.
struct AdminClient {
    /// The admin port's URL.
    let base: String

    /// - Parameter address: Where it is, as `BaseAddress` reads it.
    init(_ address: String) {
        base = BaseAddress.url(address)
    }

    /// A document in JSON.
    ///
    /// - Throws: `CommandFailure` when there is no answer, or none in JSON.
    func get(_ path: String) async throws -> JSONValue {
        guard let document = try await find(path) else { throw noAdminPort("\(base)\(path) answers 404") }
        return document
    }

    /// A document in JSON; `nil` where the gateway knows none of this path.
    ///
    /// - Throws: `CommandFailure` when there is no answer, or none in JSON.
    func find(_ path: String) async throws -> JSONValue? {
        let response: HTTPClientResponse
        do {
            let client = HTTPClient()
            response = try await client.execute(HTTPClientRequest(url: base + path, timeout: .seconds(5)))
            await client.close()
        } catch {
            throw CommandFailure(
                .unreachable,
                code: "no-admin-port",
                "\(base) does not answer: \(error)",
                fix: "start 'shopfn serve', or name its admin port with --admin URL"
            )
        }
        if response.status == 404 { return nil }
        guard response.status == 200 else { throw noAdminPort("\(base)\(path) answers \(response.status)") }
        do {
            return try JSONValue(parsing: response.body)
        } catch {
            throw noAdminPort("\(base)\(path) answers something that is no JSON")
        }
    }

    private func noAdminPort(_ message: String) -> CommandFailure {
        CommandFailure(
            .unreachable,
            code: "no-admin-port",
            message,
            fix: "name the admin port of 'shopfn serve' with --admin URL"
        )
    }
}
