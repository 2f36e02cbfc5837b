import Glibc
import JSON
import LoopbackTestSupport

/// What the gateways and workers of one test share: a manifest, a secret, certificates, free ports.
final class RemoteShop: Sendable {
    let folder: TemporaryFolder
    /// The port of workers; the same on every address, as behind one name.
    let workerPort: UInt16
    let httpPort: UInt16
    let adminPort: UInt16
    let security: Security
    /// Who certifies the gateways, where they speak TLS: its folder is the shop's.
    let authority: TestAuthority?

    enum Security: Sendable {
        case plaintext
        case tls
    }

    init(_ manifest: ProbeManifest, security: Security = .plaintext) throws {
        folder = try TemporaryFolder()
        self.security = security
        try Files.replace(folder("functions.yaml"), manifest.text)
        try Files.replace(folder("token"), "a-secret-of-this-test\n")
        if security == .tls {
            let authority = try TestAuthority(in: folder.path)
            try authority.makeSelfSigned("other")
            try authority.issue("server", for: "DNS:gateways")
            self.authority = authority
        } else {
            authority = nil
        }
        let ports = try freePorts(3, everywhere: true).map { UInt16($0) }
        (workerPort, httpPort, adminPort) = (ports[0], ports[1], ports[2])
    }

    /// The options that let a worker or scaler in.
    var peerOptions: [String] {
        let ca = security == .tls ? ["--ca", folder("ca.pem"), "--server-name", "gateways"] : ["--plaintext"]
        return ["--token-file", folder("token")] + ca
    }

    /// Starts a gateway on a loopback address.
    func gateway(_ address: String = "127.0.0.1", _ arguments: [String] = []) throws -> RemoteGateway {
        try RemoteGateway(self, address: address, arguments)
    }

    /// Starts a worker of the probe module.
    func worker(
        _ function: String,
        handler: String,
        concurrency: Int = 8,
        gateways: [String],
        name: String? = nil,
        _ arguments: [String] = [],
        environment: [String: String] = [:],
        prefix: [String] = []
    ) throws -> ChildProcess {
        let list = gateways.map { $0.contains(":") ? $0 : "\($0):\(workerPort)" }.joined(separator: ",")
        var all = ["--function", function, "--handler", handler, "--concurrency", "\(concurrency)", "--gateway", list]
        if let name { all += ["--worker-id", name] }
        all += peerOptions + arguments
        let command = prefix + [try Programs.path("probe")] + all
        return try ChildProcess(command[0], Array(command.dropFirst()), environment: environment)
    }
}

/// A running `shopfn gateway`.
final class RemoteGateway: Sendable {
    let process: ChildProcess
    let address: String
    let port: UInt16
    let adminPort: UInt16

    fileprivate init(_ shop: RemoteShop, address: String, _ arguments: [String], prefix: [String] = []) throws {
        self.address = address
        port = shop.httpPort
        adminPort = shop.adminPort
        var all = ["gateway", "--manifest", shop.folder("functions.yaml"), "--output", "json"]
        all += ["--host", address, "--port", "\(port)", "--admin-host", address, "--admin-port", "\(adminPort)"]
        all += ["--worker-host", address, "--worker-port", "\(shop.workerPort)", "--token-file", shop.folder("token")]
        all +=
            shop.security == .tls
            ? ["--tls-certificate", shop.folder("server.pem"), "--tls-key", shop.folder("server.key")]
            : ["--plaintext"]
        let command = prefix + [try Programs.path("shopfn")] + all + arguments
        let process = try ChildProcess(command[0], Array(command.dropFirst()))
        self.process = process
        try eventually("shopfn gateway is up", within: .seconds(60), state: process.errorText) {
            guard process.isRunning else { throw TestFailure("shopfn gateway ended: \(process.errorText)") }
            return (try? JSONValue(parsing: Array(process.text.utf8))) != nil
        }
    }

    func connect() throws -> Connection { try Connection(address: address, port: port) }

    func get(_ path: String, _ headers: [String] = [], within bound: Duration = .seconds(60)) throws -> Reply {
        let connection = try connect()
        connection.send(Shop.bytes("GET", path, headers + ["Connection: close"]))
        return try connection.reply(to: "GET", within: bound)
    }

    func admin(_ path: String) throws -> Reply {
        let connection = try Connection(address: address, port: adminPort)
        connection.send(Shop.bytes("GET", path, ["Connection: close"]))
        return try connection.reply(to: "GET", within: .seconds(60))
    }

    /// A function's pool as `/api/pools` shows it.
    func pool(_ function: String) throws -> JSONValue {
        let document = try admin("/api/pools").json
        let pool = document["pools"]?.arrayValue?.first { $0["function"]?.stringValue == function }
        guard let pool else { throw TestFailure("/api/pools has no '\(function)': \(document)") }
        return pool
    }

    func count(_ figure: String, of function: String) throws -> Int {
        try pool(function)[figure]?.intValue ?? -1
    }

    /// The value of a metric's sample whose line holds all of these.
    func metric(_ name: String, _ labels: String...) throws -> Double? {
        for line in try admin("/metrics").text.split(separator: "\n") {
            guard line.hasPrefix(name + "{") || line.hasPrefix(name + " ") else { continue }
            guard labels.allSatisfy(line.contains), let value = line.split(separator: " ").last else { continue }
            return Double(value)
        }
        return nil
    }

    func stop(within bound: Duration = .seconds(60)) throws -> ChildProcess.End {
        process.signal(SIGTERM)
        return try process.end(within: bound)
    }
}
