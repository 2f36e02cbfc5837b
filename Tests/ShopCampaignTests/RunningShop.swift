import Foundation
import FunctionKit
import HTTPTransfer
import LoopbackTestSupport
import ShopState
import ShopTestSupport
import Synchronization
import ValkeyTestSupport

/// The whole shop in processes of its own: gateway, templates, workers and a Valkey that writes everything down.
final class RunningShop: Sendable {
    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    /// Where the shop's state is.
    let valkeyURL: String
    let port: Int
    /// What the state is on; it ends with the shop.
    private let server: any Sendable
    private let folder: URL
    private let http = HTTPClient()
    private let process: Process
    private let log: URL

    /// Starts a shop on a Valkey of its own.
    ///
    /// - Parameters:
    ///   - environment: Variables for the functions.
    ///   - recovers: Whether `recover-orders` comes round.
    /// - Throws: ``Failed`` when it does not start.
    convenience init(environment: [String: String] = [:], recovers: Bool = true) async throws {
        let server = try await ValkeyServer(isDurable: true)
        try await self.init(on: server, server.url, environment: environment, recovers: recovers)
    }

    /// Starts a shop.
    ///
    /// - Parameters:
    ///   - server: What the state is on.
    ///   - url: Its URL.
    ///   - port: Where to listen; a free port unless told.
    ///   - environment: Variables for the functions.
    ///   - recovers: Whether `recover-orders` comes round.
    /// - Throws: ``Failed`` when it does not start.
    init(
        on server: any Sendable,
        _ url: String,
        port: Int? = nil,
        environment: [String: String] = [:],
        recovers: Bool = true
    ) async throws {
        self.server = server
        valkeyURL = url
        folder = URL(fileURLWithPath: "/tmp/shop-campaign-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        self.port = try port ?? freePort()
        log = folder.appendingPathComponent("log")
        try Data().write(to: log)
        let built = try Self.builtFolder()
        process = Process()
        process.executableURL = URL(fileURLWithPath: built + "/shopfn")
        let manifest = folder.appendingPathComponent("functions.yaml")
        // Recovery comes round every second, so that no test waits ten for it.
        try String(contentsOfFile: try Self.manifest(), encoding: .utf8)
            .replacing("schedule: every 10s", with: recovers ? "schedule: every 1s" : "schedule: every 24h")
            .write(to: manifest, atomically: true, encoding: .utf8)
        process.arguments = [
            "serve", "--manifest", manifest.path, "--modules", built, "--port", "\(self.port)", "--admin-port", "0",
            "--valkey", url, "--state", folder.path,
        ]
        process.environment = ProcessInfo.processInfo.environment
            .merging(["PAYMENT_URL": "http://127.0.0.1:\(self.port)/api/payments"]) { $1 }
            .merging(environment) { $1 }
        let handle = try FileHandle(forWritingTo: log)
        process.standardOutput = handle
        process.standardError = handle
        try process.run()
        try await eventually("the shop answers", within: .seconds(120)) {
            (try? await self.send("GET", "/api/products?size=1").status) == 200
        }
    }

    deinit {
        if process.isRunning {
            process.terminate()
            process.waitUntilExit()
        }
        try? FileManager.default.removeItem(at: folder)
    }

    /// Sends a request.
    func send(
        _ method: String,
        _ path: String,
        _ body: JSONValue? = nil,
        key: String? = nil
    ) async throws -> HTTPClientResponse {
        var request = HTTPClientRequest(method: method, url: "http://127.0.0.1:\(port)\(path)", timeout: .seconds(120))
        if let body {
            request.body = try body.serialized()
            request.headers["content-type"] = "application/json"
        }
        if let key { request.headers["idempotency-key"] = key }
        return try await http.execute(request)
    }

    /// Sends a request that is not as it should be.
    func send(_ input: HostileInput) async throws -> HTTPClientResponse {
        var request = HTTPClientRequest(
            method: input.method,
            url: "http://127.0.0.1:\(port)\(input.path)",
            body: Array((input.body ?? "").utf8),
            timeout: .seconds(120)
        )
        for (name, value) in input.headers { request.headers.append(name, value) }
        return try await http.execute(request)
    }

    /// What `shopfn` and the functions wrote.
    var text: String { (try? String(contentsOf: log, encoding: .utf8)) ?? "" }

    /// The workers: what the templates have forked.
    var workers: [pid_t] {
        let templates = Set(Self.children(of: [process.processIdentifier]))
        return Self.children(of: templates)
    }

    /// Waits until nothing is under way, and says what the doctor finds.
    func settle() async throws -> ShopDoctor.Report {
        let client = try client()
        var report = try await ShopDoctor(valkey: client).examine()
        try await eventually("nothing is under way", within: .seconds(600)) {
            report = try await ShopDoctor(valkey: client).examine()
            return report.underWay == 0
        }
        await client.close()
        return report
    }

    /// What the doctor finds now.
    func report() async throws -> ShopDoctor.Report {
        let client = try client()
        let report = try await ShopDoctor(valkey: client).examine()
        await client.close()
        return report
    }

    /// The state as it stands.
    func snapshot() async throws -> ShopSnapshot {
        let client = try client()
        let snapshot = try await ShopSnapshot(client)
        await client.close()
        return snapshot
    }

    /// A client of the shop's state that waits for a server that is slow or just coming back.
    func client() throws -> ValkeyClient {
        try ValkeyClient(
            valkeyURL,
            configuration: ValkeyConfiguration(timeout: .seconds(60), connectionPatience: .seconds(30))
        )
    }

    private static func children(of parents: some Collection<pid_t>) -> [pid_t] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { pid_t($0) }.filter { pid in
            guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
                let end = stat.lastIndex(of: ")")
            else { return false }
            let fields = stat[stat.index(after: end)...].split(separator: " ")
            return fields.count > 1 && pid_t(fields[1]).map { parents.contains($0) } == true
        }
    }

    /// Where the programs are: `SHOPFN_BUILT`, else beside the tests.
    private static func builtFolder() throws -> String {
        var candidates = [ProcessInfo.processInfo.environment["SHOPFN_BUILT"] ?? ""]
        for argument in CommandLine.arguments + [Bundle.main.executablePath ?? ""] where argument.contains("xctest") {
            candidates.append(URL(fileURLWithPath: argument).deletingLastPathComponent().path)
        }
        for candidate in candidates where FileManager.default.isExecutableFile(atPath: candidate + "/shopfn") {
            return candidate
        }
        throw Failed(description: "no 'shopfn' beside the tests in \(candidates); build the whole package first")
    }

    /// The project's own manifest, found above this file.
    private static func manifest(_ file: String = #filePath) throws -> String {
        var folder = URL(fileURLWithPath: file).deletingLastPathComponent()
        while folder.path != "/" {
            let candidate = folder.appendingPathComponent("functions.yaml").path
            if FileManager.default.fileExists(atPath: candidate) { return candidate }
            folder.deleteLastPathComponent()
        }
        throw Failed(description: "no functions.yaml above \(file)")
    }
}

/// Waits for a condition, looking again and again; bounded.
func eventually(_ what: String, within time: Duration, _ condition: () async throws -> Bool) async throws {
    let end = ContinuousClock.now + time
    while try await !condition() {
        guard ContinuousClock.now < end else { throw RunningShop.Failed(description: "not within \(time): \(what)") }
        try await Task.sleep(for: .milliseconds(50))
    }
}
