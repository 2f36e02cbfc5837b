import Foundation
import HTTPTransfer
import LoopbackTestSupport
import Testing

@Suite("Failures", .enabled(if: HTTPServer.isAvailable, HTTPServer.missing), .serialized)
struct FailureTests {
    @Test("of the other side are told by their kind")
    func kinds() async throws {
        try await withServer { client, server in
            func error(_ path: String, method: String = "GET") async -> HTTPClientError? {
                do throws(HTTPClientError) {
                    _ = try await client.execute(HTTPClientRequest(method: method, url: server.url(path)))
                    return nil
                } catch { return error }
            }
            for path in ["/reset", "/truncate"] {
                guard case .connectionLost(let reason)? = await error(path, method: "POST") else {
                    Issue.record("\(path): \(String(describing: await error(path)))")
                    continue
                }
                #expect(!reason.isEmpty)
            }
            guard case .malformedResponse? = await error("/garbage") else {
                Issue.record("\(String(describing: await error("/garbage")))")
                return
            }
            guard case .tooLarge? = await error("/bigheader") else {
                Issue.record("\(String(describing: await error("/bigheader")))")
                return
            }
        }
    }

    @Test("to connect are told by their kind, and that nothing was sent")
    func connecting() async throws {
        let port: Int
        do {
            let server = try HTTPServer()
            port = server.port
        }
        let client = HTTPClient(configuration: HTTPClientConfiguration(usesProxies: false))
        for (url, isExpected) in [
            ("http://127.0.0.1:\(port)/", { if case .unreachable = $0 { true } else { false } }),
            ("http://no-such-host.invalid/", { if case .unresolved = $0 { true } else { false } }),
        ] as [(String, (HTTPClientError) -> Bool)] {
            await #expect {
                try await client.execute(HTTPClientRequest(url: url))
            } throws: { error in
                guard let error = error as? HTTPClientError else { return false }
                return isExpected(error) && error.wasNotSent && error.isUnavailable
            }
        }
        await client.close()
    }

    @Test("a response larger than allowed is refused, one just as large taken")
    func tooLarge() async throws {
        try await withServer { client, server in
            let exact = HTTPClientRequest(url: server.url("/bytes?100000"), maxResponseBytes: 100_000)
            let whole = try await client.execute(exact)
            #expect(whole.body.count == 100_000)
            let less = HTTPClientRequest(url: server.url("/bytes?100000"), maxResponseBytes: 99_999)
            await #expect(throws: HTTPClientError.tooLarge(limit: 99_999)) { try await client.execute(less) }
            let endless = HTTPClientRequest(url: server.url("/endless"), maxResponseBytes: 1_000_000)
            await #expect(throws: HTTPClientError.tooLarge(limit: 1_000_000)) { try await client.execute(endless) }
        }
    }

    @Test("a response that does not come in time is given up, before its head or within its body")
    func timeout() async throws {
        try await withServer { client, server in
            for path in ["/delay?5000", "/hang"] {
                let start = ContinuousClock.now
                let request = HTTPClientRequest(url: server.url(path), timeout: .milliseconds(150))
                await #expect {
                    try await client.execute(request)
                } throws: {
                    if case HTTPClientError.timedOut = $0 { true } else { false }
                }
                let time = start.duration(to: .now)
                #expect(time >= .milliseconds(145))
            }
        }
    }

    @Test("cancelling ends the request at once and closes its connection")
    func cancellation() async throws {
        try await withServer { client, server in
            func hanging() async throws -> Int {
                let response = try await client.execute(HTTPClientRequest(url: server.url("/counters")))
                return try JSONDecoder().decode([Int].self, from: Data(response.body))[1]
            }
            let task = Task { try await client.execute(HTTPClientRequest(url: server.url("/hang"))) }
            try await waitUntil { try await hanging() == 1 }
            task.cancel()
            // The server would never answer.
            guard case .failure(HTTPClientError.cancelled) = await task.result else {
                Issue.record("the request was not cancelled")
                return
            }
            try await waitUntil { try await hanging() == 0 }
        }
    }

    @Test("storms of cancellations leave the others alone")
    func storm() async throws {
        try await withServer { client, server in
            try await withThrowingTaskGroup { group in
                for caller in 0..<16 {
                    group.addTask {
                        for _ in 0..<20 {
                            let response = try await client.execute(
                                HTTPClientRequest(url: server.url("/bytes?\(caller)"))
                            )
                            #expect(response.body.count == caller)
                        }
                    }
                    group.addTask {
                        for round in 0..<20 {
                            let task = Task { try await client.execute(HTTPClientRequest(url: server.url("/delay?3"))) }
                            if round.isMultiple(of: 2) { try await Task.sleep(for: .milliseconds(round % 5)) }
                            task.cancel()
                            switch await task.result {
                            case .success(let response): #expect(response.status == 200)
                            case .failure(HTTPClientError.cancelled): break
                            case .failure(let error): throw error
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test("more requests than allowed are refused, and there is room again later")
    func overload() async throws {
        try await withServer(HTTPClientConfiguration(maxRequests: 3, usesProxies: false)) { client, server in
            let refused = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<10 {
                    group.addTask {
                        do {
                            _ = try await client.execute(HTTPClientRequest(url: server.url("/delay?300")))
                            return false
                        } catch HTTPClientError.overloaded(limit: 3) { return true }
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(refused == 7)
            let later = try await client.execute(HTTPClientRequest(url: server.url("/nothing")))
            #expect(later.status == 204)
        }
    }

    @Test("closing ends the requests under way; later ones are refused")
    func closing() async throws {
        try await withServer { client, server in
            let task = Task { try await client.execute(HTTPClientRequest(url: server.url("/hang"))) }
            _ = try await client.execute(HTTPClientRequest(url: server.url("/nothing")))
            await client.close()
            await #expect(throws: HTTPClientError.closed) { try await task.value }
            await #expect(throws: HTTPClientError.closed) {
                try await client.execute(HTTPClientRequest(url: server.url("/nothing")))
            }
            await client.close()
        }
    }
}

@Suite("TLS", .enabled(if: HTTPServer.isAvailable, HTTPServer.missing), .serialized)
struct TLSTests {
    @Test("the server's certificate is verified, the client's own shown")
    func certificates() async throws {
        let certificates = try TestAuthority()
        try certificates.issue("server", for: "DNS:localhost")
        try certificates.issue("client", for: "DNS:client")
        let strangers = try TestAuthority()
        defer {
            certificates.remove()
            strangers.remove()
        }
        let server = try HTTPServer(certificates: certificates, asksForCertificate: true)
        func get(_ host: String, _ configuration: HTTPClientConfiguration) async throws(HTTPClientError) -> Int {
            let client = HTTPClient(configuration: configuration)
            let request = HTTPClientRequest(url: "https://\(host):\(server.port)/nothing")
            do throws(HTTPClientError) {
                let status = try await client.execute(request).status
                await client.close()
                return status
            } catch {
                await client.close()
                throw error
            }
        }
        var trusted = HTTPClientConfiguration(authorities: .file(certificates.file("ca.pem")), usesProxies: false)
        trusted.certificate = .file(certificates.file("client.pem"))
        trusted.privateKey = .file(certificates.file("client.key"))
        #expect(try await get("localhost", trusted) == 204)

        func text(_ name: String) throws -> HTTPClientConfiguration.PEM {
            .text([UInt8](try Data(contentsOf: URL(fileURLWithPath: certificates.file(name)))))
        }
        var inline = HTTPClientConfiguration(authorities: try text("ca.pem"), usesProxies: false)
        inline.certificate = try text("client.pem")
        inline.privateKey = try text("client.key")
        #expect(try await get("localhost", inline) == 204)

        // Connected to at another address than the URL's, whose name is still what the certificate must be for.
        var elsewhere = trusted
        elsewhere.connectsTo = "localhost:\(server.port)"
        var strange = trusted
        strange.authorities = .file(strangers.file("ca.pem"))
        var missing = trusted
        missing.authorities = "/nowhere.pem"
        var anonymous = trusted
        anonymous.certificate = nil
        anonymous.privateKey = nil
        for (host, configuration, isExpected) in [
            ("localhost", strange, { if case .tls = $0 { true } else { false } }),
            // The certificate is for the name alone.
            ("127.0.0.1", trusted, { if case .tls = $0 { true } else { false } }),
            ("elsewhere.invalid", elsewhere, { if case .tls = $0 { true } else { false } }),
            ("localhost", missing, { if case .invalidConfiguration = $0 { true } else { false } }),
            ("localhost", anonymous, { !$0.description.isEmpty }),
        ] as [(String, HTTPClientConfiguration, (HTTPClientError) -> Bool)] {
            await #expect {
                try await get(host, configuration)
            } throws: { error in
                (error as? HTTPClientError).map(isExpected) == true
            }
        }
    }
}
