import Foundation
import LoopbackTestSupport
import Testing
import Valkey

@Suite("Over TCP and TLS", .enabled(if: !ServerProcess.executables.isEmpty, ServerProcess.missing), .serialized)
struct TransportTests {
    @Test("speaks over TCP, by name and by address", arguments: ["localhost", "127.0.0.1"])
    func tcp(host: String) async throws {
        let port = try freePort()
        let url = ValkeyURL(endpoint: .tcp(host: host, port: port))
        try await withServer(["--port", "\(port)"], url: url) { client, _ in
            try await client.set("k", "v")
            #expect(try await client.get("k", as: String.self) == "v")
        }
    }

    @Test("says what is wrong when there is no server")
    func nobody() async throws {
        let port = try freePort()
        for (url, reason) in [
            ("valkey://127.0.0.1:\(port)", "refused"), ("unix:///nowhere/socket", "No such file"),
            ("valkey://no-such-host.invalid", "not known"),
        ] {
            let client = try ValkeyClient(
                url,
                configuration: ValkeyConfiguration(connectionPatience: .milliseconds(200))
            )
            await #expect {
                try await client.ping()
            } throws: { error in
                guard case ValkeyError.unreachable(_, let told) = error else { return false }
                return told.contains(reason)
            }
            await client.close()
        }
    }

    @Test("does not mistake another service for a server")
    func stranger() async throws {
        // An HTTP server would answer like this; a plain listener that says something else is enough.
        let listener = try Listener(greeting: "HTTP/1.1 400 Bad Request\r\n\r\n")
        defer { listener.stop() }
        let client = try ValkeyClient(
            "valkey://127.0.0.1:\(listener.port)",
            configuration: ValkeyConfiguration(connectionPatience: .milliseconds(300))
        )
        await #expect {
            try await client.ping()
        } throws: {
            "\($0)".contains("does not speak the protocol")
        }
        await client.close()
    }

    @Test("speaks TLS, checks the server's certificate and shows its own")
    func tls() async throws {
        let certificates = try TestAuthority()
        try certificates.issue("server", for: "DNS:localhost")
        try certificates.issue("client", for: "DNS:client")
        let strangers = try TestAuthority()
        defer {
            certificates.remove()
            strangers.remove()
        }
        let port = try freePort()
        let options = [
            "--tls-port", "\(port)", "--tls-cert-file", certificates.file("server.pem"), "--tls-key-file",
            certificates.file("server.key"), "--tls-ca-cert-file", certificates.file("ca.pem"),
        ]
        guard let server = try await ServerProcess.firstThatStarts(with: options) else {
            try Test.cancel("none of these servers was built with TLS: \(ServerProcess.executables)")
        }
        defer { server.kill() }
        func ping(host: String, _ tls: ValkeyTLS) async throws {
            let url = ValkeyURL(endpoint: .tcp(host: host, port: port), tls: tls)
            let client = ValkeyClient(url: url, configuration: ValkeyConfiguration(connectionPatience: .seconds(2)))
            do { try await client.ping() } catch {
                await client.close()
                throw error
            }
            await client.close()
        }
        var tls = ValkeyTLS(
            authorities: certificates.file("ca.pem"),
            certificate: certificates.file("client.pem"),
            privateKey: certificates.file("client.key")
        )
        try await ping(host: "localhost", tls)
        await #expect(throws: ValkeyError.self) { try await ping(host: "127.0.0.1", tls) }
        tls.serverName = "localhost"
        try await ping(host: "127.0.0.1", tls)
        let own = (tls.certificate, tls.privateKey)
        for (mistake, reason) in [
            (ValkeyTLS(authorities: strangers.file("ca.pem"), certificate: own.0, privateKey: own.1), "not signed"),
            (ValkeyTLS(authorities: tls.authorities), "certificate of the client"),
            (
                ValkeyTLS(authorities: tls.authorities, certificate: own.0, privateKey: own.1, serverName: "other"),
                "another name"
            ),
            (ValkeyTLS(authorities: "/nowhere.pem"), "/nowhere.pem"),
        ] {
            await #expect {
                try await ping(host: "localhost", mistake)
            } throws: { error in
                guard case ValkeyError.unreachable(_, let told) = error else { return false }
                return told.contains(reason)
            }
        }
    }
}

extension ServerProcess {
    /// A running server that knows the options; others end by themselves.
    fileprivate static func firstThatStarts(with options: [String]) async throws -> ServerProcess? {
        for executable in executables {
            let server = try ServerProcess(options, executable: executable)
            try server.start()
            let client = ValkeyClient(
                url: server.url,
                configuration: ValkeyConfiguration(connectionPatience: .seconds(2))
            )
            let answer: ()? = try? await client.ping()
            await client.close()
            if answer != nil { return server }
        }
        return nil
    }
}
