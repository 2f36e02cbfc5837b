import Glibc
import JSON

/// A running `shopfn serve` with functions of the probe module.
final class Shop: Sendable {
    let process: ChildProcess
    let folder: TemporaryFolder
    let port: UInt16
    let adminPort: UInt16
    /// What it printed at its start.
    let announcement: JSONValue

    /// How its functions reach Valkey.
    enum State {
        /// There is none; the functions do not need it.
        case none
        /// One of its own, its data in the shop's folder.
        case ofItsOwn
        case at(String)
        /// As the arguments say.
        case asTold
    }

    /// Starts it and waits until it answers.
    ///
    /// `modules`: The folder of the modules, by default that of the tests. `folder`: Its folder, by default a new one.
    init(
        _ manifest: ProbeManifest,
        _ arguments: [String] = [],
        state: State = .none,
        environment: [String: String] = [:],
        modules: String? = nil,
        folder: TemporaryFolder? = nil
    ) throws {
        let folder = try folder ?? TemporaryFolder()
        self.folder = folder
        try Files.replace(folder("functions.yaml"), manifest.text)
        var all = ["serve", "--manifest", folder("functions.yaml"), "--port", "0", "--admin-port", "0"]
        all += ["--output", "json"] + arguments
        if let modules { all += ["--modules", modules] }
        switch state {
        case .none: all += ["--valkey", "valkey://127.0.0.1:1"]
        case .ofItsOwn: all += ["--state", folder("valkey")]
        case .at(let url): all += ["--valkey", url]
        case .asTold: break
        }
        let process = try ChildProcess(try Programs.path("shopfn"), all, environment: environment, folder: folder.path)
        self.process = process
        var announcement: JSONValue?
        try eventually("shopfn serve is up", within: .seconds(60), state: process.errorText) {
            guard process.isRunning else { throw TestFailure("shopfn serve ended: \(process.errorText)") }
            announcement = try? JSONValue(parsing: Array(process.text.utf8))
            return announcement != nil
        }
        guard let announcement, let url = announcement["url"]?.stringValue, let port = Self.port(url),
            let admin = announcement["admin"]?.stringValue, let adminPort = Self.port(admin)
        else { throw TestFailure("shopfn serve printed no ports: \(process.text)") }
        self.announcement = announcement
        self.port = port
        self.adminPort = adminPort
    }

    private static func port(_ url: String) -> UInt16? {
        url.split(separator: ":").last.flatMap { UInt16($0) }
    }

    // MARK: Requests

    /// A new connection to the gateway.
    func connect() throws -> Connection { try Connection(port: port) }

    /// One request on a connection of its own.
    func request(
        _ method: String,
        _ path: String,
        _ headers: [String] = [],
        body: [UInt8] = [],
        within bound: Duration = .seconds(60)
    ) throws -> Reply {
        let connection = try connect()
        connection.send(Self.bytes(method, path, headers + ["Connection: close"], body: body))
        return try connection.reply(to: method, within: bound)
    }

    func get(_ path: String, _ headers: [String] = [], within bound: Duration = .seconds(60)) throws -> Reply {
        try request("GET", path, headers, within: bound)
    }

    /// A request's bytes; its length is named where it has a body.
    static func bytes(_ method: String, _ path: String, _ headers: [String] = [], body: [UInt8] = []) -> [UInt8] {
        var text = "\(method) \(path) HTTP/1.1\r\nHost: shop.test\r\n"
        for header in headers { text += header + "\r\n" }
        if !body.isEmpty { text += "Content-Length: \(body.count)\r\n" }
        return Array((text + "\r\n").utf8) + body
    }

    // MARK: Admin

    func admin(_ path: String) throws -> Reply {
        let connection = try Connection(port: adminPort)
        connection.send(Self.bytes("GET", path, ["Connection: close"]))
        return try connection.reply(to: "GET", within: .seconds(60))
    }

    /// A function's pool as `/api/pools` shows it.
    func pool(_ function: String) throws -> PoolState {
        let document = try admin("/api/pools").json
        let pool = document["pools"]?.arrayValue?.first { $0["function"]?.stringValue == function }
        guard let pool else { throw TestFailure("/api/pools has no '\(function)': \(document)") }
        return PoolState(pool)
    }

    /// The value of a metric's sample whose labels hold all of these, or nil where there is none.
    func metric(_ name: String, _ labels: String...) throws -> Double? {
        for line in try admin("/metrics").text.split(separator: "\n") where line.hasPrefix(name + "{") {
            guard labels.allSatisfy(line.contains), let value = line.split(separator: " ").last else { continue }
            return Double(value)
        }
        return nil
    }

    // MARK: Processes

    /// The worker processes of a function; a worker bears its function's name, cut to fifteen bytes.
    func workers(_ function: String? = nil) -> [pid_t] {
        let tree = Processes.tree(of: process.pid)
        let templates = Set(tree.filter { $0.parent == process.pid }.map(\.pid))
        return tree.filter {
            templates.contains($0.parent) && (function == nil || $0.name == function?.prefix(15) ?? "")
        }
        .map(\.pid)
    }

    /// Asks it to end and waits for that.
    func stop(within bound: Duration = .seconds(60)) throws -> ChildProcess.End {
        process.signal(SIGTERM)
        return try process.end(within: bound)
    }
}

/// One pool's numbers.
struct PoolState: CustomStringConvertible {
    private let json: JSONValue

    init(_ json: JSONValue) {
        self.json = json
    }

    var workers: Int { number("workers") }
    var ready: Int { number("ready") }
    var starting: Int { number("starting") }
    var leaving: Int { number("leaving") }
    var running: Int { number("running") }
    var queued: Int { number("queued") }
    var abandoned: Int { number("abandoned") }
    var arrivals: Int { number("arrivals") }
    var coldStarts: Int { number("coldStarts") }
    var wanted: Int { number("wanted") }
    var policy: String { json["policy"]?.stringValue ?? "" }
    var reason: String { json["reason"]?.stringValue ?? "" }
    var description: String { "\(json)" }

    private func number(_ name: String) -> Int { json[name]?.intValue ?? -1 }
}
