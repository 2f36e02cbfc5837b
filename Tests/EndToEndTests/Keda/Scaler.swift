import Glibc
import JSON
import WorkerProtocol

/// A running `shopfn keda-scaler`.
final class Scaler {
    static let token = "a secret of the tests"

    let process: ChildProcess
    let folder: TemporaryFolder
    /// Where KEDA asks.
    let address: String
    let adminPort: UInt16

    static let manifest = ProbeManifest(
        .init("hello", "Hello", "GET /hello", "concurrency: 1", "scale: { max: 8, idle: 1s, policy: fixed }"),
        .init("warm", "Hello", "GET /warm", "scale: { min: 2, max: 4, idle: 1s }")
    )

    /// Starts it and waits until it listens.
    convenience init(
        _ gateways: [UInt16],
        _ arguments: [String] = [],
        manifest: String = Scaler.manifest.text,
        settle: String = "0"
    ) throws {
        try self.init(at: gateways.map { "127.0.0.1:\($0)" }, arguments, manifest: manifest, settle: settle)
    }

    /// Starts it beside the gateways of a shop.
    convenience init(_ shop: RemoteShop, _ addresses: [String], _ arguments: [String] = []) throws {
        try self.init(
            at: addresses.map { "\($0):\(shop.workerPort)" },
            arguments,
            manifest: try Files.text(shop.folder("functions.yaml")),
            token: try Files.text(shop.folder("token"))
        )
    }

    private init(
        at gateways: [String],
        _ arguments: [String],
        manifest: String = Scaler.manifest.text,
        token: String = Scaler.token + "\n",
        settle: String = "0"
    ) throws {
        folder = try TemporaryFolder()
        try Files.replace(folder("functions.yaml"), manifest)
        try Files.replace(folder("token"), token)
        var all = ["keda-scaler", "--manifest", folder("functions.yaml"), "--port", "0", "--admin-port", "0"]
        all += [
            "--host", "127.0.0.1", "--token-file", folder("token"), "--plaintext", "--settle", settle, "--output",
            "json",
        ]
        all += ["--gateway", gateways.joined(separator: ",")] + arguments
        let process = try ChildProcess(try Programs.path("shopfn"), all)
        self.process = process
        var announcement: JSONValue?
        try eventually("shopfn keda-scaler is up", within: .seconds(30), state: process.errorText) {
            guard process.isRunning else { throw TestFailure("it ended: \(process.errorText) \(process.text)") }
            announcement = try? JSONValue(parsing: Array(process.text.utf8))
            return announcement != nil
        }
        guard let announcement, let address = announcement["scaler"]?.stringValue,
            let admin = announcement["admin"]?.stringValue?.split(separator: ":").last.flatMap({ UInt16($0) })
        else { throw TestFailure("it printed no ports: \(process.text)") }
        self.address = address
        adminPort = admin
    }

    func admin(_ path: String) throws -> Reply {
        let connection = try Connection(port: adminPort)
        connection.send(Shop.bytes("GET", path, ["Connection: close"]))
        return try connection.reply()
    }

    /// Waits until it has heard of so many gateways.
    func hears(_ gateways: Int) throws {
        try eventually("the scaler hears of \(gateways) gateways", within: .seconds(30), state: process.errorText) {
            try admin("/api/pools").json["gateways"]?["connected"]?.intValue == gateways
        }
    }

    /// Waits until it wants so many workers of a function.
    func wants(_ wanted: Int, of function: String = "hello") throws {
        try eventually("the scaler wants \(wanted)", within: .seconds(30), state: process.errorText) {
            let pools = try admin("/api/pools").json["pools"]?.arrayValue ?? []
            return pools.contains {
                $0["function"]?.stringValue == function && $0["wanted"]?.intValue == wanted
            }
        }
    }

    /// A function as it reports it.
    func pool(_ function: String) throws -> JSONValue {
        let pools = try admin("/api/pools").json["pools"]?.arrayValue ?? []
        guard let pool = pools.first(where: { $0["function"]?.stringValue == function }) else {
            throw TestFailure("/api/pools has no '\(function)': \(pools)")
        }
        return pool
    }

    /// The members of a command that asks it of a function.
    func about(_ function: String = "hello", _ more: [(String, JSONValue)] = []) -> [(String, JSONValue)] {
        [
            ("scaler", .string(address)),
            (
                "metadata",
                .object(JSONObject([("scalerAddress", .string(address)), ("function", .string(function))]))
            ),
        ] + more
    }
}

extension KedaClient {
    /// Calls a method.
    func call(_ method: String, _ members: [(String, JSONValue)]) throws -> JSONValue {
        try self(.object(JSONObject([("call", .string(method))] + members)))
    }

    /// What comes next on a stream.
    func next(_ stream: String, within seconds: Double = 30) throws -> JSONValue {
        try call("next", [("stream", .string(stream)), ("within", .double(seconds))])
    }

    /// Waits until a stream says so; while requests wait and nobody comes, activity is said again and again.
    func hears(_ isActive: Bool, on stream: String) throws {
        while true {
            let news = try next(stream)
            if news["result"] == .bool(isActive) { return }
            guard news["result"] == .bool(!isActive) else { throw TestFailure("the stream \(stream) says \(news)") }
        }
    }
}
