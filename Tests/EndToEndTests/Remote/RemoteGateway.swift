import Glibc
import JSON

/// What the gateways and workers of one test share: a manifest, a secret, certificates, free ports.
final class RemoteShop: Sendable {
    let folder: TemporaryFolder
    /// The port of workers; the same on every address, as behind one name.
    let workerPort: UInt16
    let httpPort: UInt16
    let adminPort: UInt16
    let security: Security

    enum Security: Sendable {
        case plaintext
        case tls
    }

    init(_ manifest: ProbeManifest, security: Security = .plaintext) throws {
        folder = try TemporaryFolder()
        self.security = security
        try Files.replace(folder("functions.yaml"), manifest.text)
        try Files.replace(folder("token"), "a-secret-of-this-test\n")
        if security == .tls { try Certificates.make(in: folder.path) }
        let ports = try Self.freePorts(3)
        (workerPort, httpPort, adminPort) = (ports[0], ports[1], ports[2])
    }

    /// Ports that were free on every loopback address a moment ago.
    private static func freePorts(_ count: Int) throws -> [UInt16] {
        var sockets: [CInt] = []
        defer { for socket in sockets { close(socket) } }
        return try (0..<count).map { _ in
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            sockets.append(descriptor)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let status = withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                    bind(descriptor, generic, length) == 0 ? getsockname(descriptor, generic, &length) : -1
                }
            }
            guard status == 0 else { throw TestFailure("no free port: \(systemError())") }
            return UInt16(bigEndian: address.sin_port)
        }
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
        try eventually("shopfn gateway is up", within: .seconds(30), state: process.errorText) {
            guard process.isRunning else { throw TestFailure("shopfn gateway ended: \(process.errorText)") }
            return (try? JSONValue(parsing: Array(process.text.utf8))) != nil
        }
    }

    func connect() throws -> Connection { try Connection(address: address, port: port) }

    func get(_ path: String, _ headers: [String] = [], within bound: Duration = .seconds(15)) throws -> Reply {
        let connection = try connect()
        connection.send(Shop.bytes("GET", path, headers + ["Connection: close"]))
        return try connection.reply(to: "GET", within: bound)
    }

    func admin(_ path: String) throws -> Reply {
        let connection = try Connection(address: address, port: adminPort)
        connection.send(Shop.bytes("GET", path, ["Connection: close"]))
        return try connection.reply(to: "GET", within: .seconds(10))
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

    func stop(within bound: Duration = .seconds(40)) throws -> ChildProcess.End {
        process.signal(SIGTERM)
        return try process.end(within: bound)
    }
}

/// An authority and a gateway's certificate for the name `gateways`, made by openssl; and another authority.
enum Certificates {
    static func make(in folder: String) throws {
        for name in ["ca", "other"] {
            try openssl(
                folder,
                "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=\(name)"
                    + " -keyout \(name).key -out \(name).pem"
            )
        }
        try issue("server", name: "gateways", in: folder)
    }

    static func issue(_ file: String, name: String, in folder: String) throws {
        let request = "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=\(name)"
        try openssl(folder, request + " -keyout \(file).key.new -out \(file).csr")
        try Files.replace(folder + "/ext", "subjectAltName=DNS:\(name)")
        let sign = "x509 -req -in \(file).csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile ext"
        try openssl(folder, sign + " -out \(file).pem.new")
        rename(folder + "/\(file).key.new", folder + "/\(file).key")
        rename(folder + "/\(file).pem.new", folder + "/\(file).pem")
    }

    private static func openssl(_ folder: String, _ arguments: String) throws {
        let words = ["openssl"] + arguments.split(separator: " ").map(String.init)
        let process = try ChildProcess("/usr/bin/env", words, folder: folder)
        guard try process.end(within: .seconds(30)) == .code(0) else {
            throw TestFailure("openssl \(arguments): \(process.errorText)")
        }
    }
}
