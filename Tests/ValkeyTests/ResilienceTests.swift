import Testing
import Valkey

@Suite(
    "Under failures",
    .enabled(if: !ServerProcess.executables.isEmpty, ServerProcess.missing),
    .serialized,
    .timeLimit(.minutes(10))
)
struct ResilienceTests {
    @Test("killed and restarted under load, every caller gets its own replies or an error, and recovers in time")
    func restarts() async throws {
        let configuration = ValkeyConfiguration(timeout: .seconds(5), connectionPatience: .milliseconds(300))
        try await withServer(configuration: configuration) { client, server in
            try await waitUntilUp(client)
            let stop = Box(false)
            let counts = Box((good: 0, failed: 0, wrong: 0))
            try await withThrowingTaskGroup { group in
                for caller in 0..<64 {
                    group.addTask {
                        var round = 0
                        while !stop.current, !Task.isCancelled {
                            round += 1
                            // The value is the caller's own and new each time, so that a reply cannot be right by chance.
                            let own = "\(caller)-\(round)"
                            do {
                                let reply = try await client.send(ValkeyCommand("ECHO", own), as: String.self)
                                counts.update { if reply == own { $0.good += 1 } else { $0.wrong += 1 } }
                            } catch {
                                #expect((error as? ValkeyError)?.isUnavailable == true, "\(error)")
                                counts.update { $0.failed += 1 }
                            }
                        }
                    }
                }
                for _ in 0..<5 {
                    let before = counts.current.good
                    try await waitUntil { counts.current.good > before + 2_000 }
                    server.kill()
                    let failed = counts.current.failed
                    try await waitUntil { counts.current.failed > failed }
                    try server.start()
                    let good = counts.current.good
                    try await waitUntil { counts.current.good > good }
                }
                stop.set(true)
                try await group.waitForAll()
            }
            #expect(counts.current.wrong == 0)
            #expect(counts.current.good > 10_000)
            #expect(counts.current.failed > 0)
        }
    }

    @Test("calls not yet sent survive a restart that is quick enough")
    func waitsForReturn() async throws {
        let configuration = ValkeyConfiguration(connectionPatience: .seconds(10))
        let server = try ServerProcess()
        let client = ValkeyClient(url: server.url, configuration: configuration)
        async let early: () = client.ping()
        try server.start()
        try await early
        await client.close()
    }

    @Test("storms of cancellations leave every other caller its own replies")
    func cancellations() async throws {
        try await withServer { client, _ in
            try await waitUntilUp(client)
            try await withThrowingTaskGroup { group in
                for caller in 0..<32 {
                    group.addTask {
                        for round in 0..<300 {
                            let own = "\(caller)-\(round)"
                            let reply = try await client.send(ValkeyCommand("ECHO", own), as: String.self)
                            #expect(reply == own)
                        }
                    }
                    group.addTask {
                        for round in 0..<300 {
                            let doomed = Task {
                                try await client.send(ValkeyCommand("ECHO", "doomed"), as: String.self)
                            }
                            if round.isMultiple(of: 2) { await Task.yield() }
                            doomed.cancel()
                            switch await doomed.result {
                            case .success(let reply): #expect(reply == "doomed")
                            case .failure(ValkeyError.cancelled): break
                            case .failure(let error): throw error
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test("a call in a cancelled task is not sent")
    func cancelledBefore() async throws {
        try await withServer { client, _ in
            try await waitUntilUp(client)
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                try await client.set("k", "v")
            }
            guard case .failure(ValkeyError.cancelled(maybeExecuted: false)) = await task.result else {
                Issue.record("the call was not cancelled")
                return
            }
            #expect(try await client.exists("k") == false)
        }
    }

    @Test("cancelling ends the wait at once, however slow the server")
    func cancelSlow() async throws {
        try await withServer { client, _ in
            try await waitUntilUp(client)
            let slow = Task { try await client.send(ValkeyCommand("BLPOP", "queue", 60)) }
            let watcher = ValkeyClient(url: client.url)
            try await waitUntil {
                try await watcher.send(ValkeyCommand("CLIENT", "LIST"), as: String.self).contains("cmd=blpop")
            }
            slow.cancel()
            guard case .failure(ValkeyError.cancelled(maybeExecuted: true)) = await slow.result else {
                Issue.record("the call was not cancelled")
                return
            }
            _ = try await watcher.send(ValkeyCommand("RPUSH", "queue", "late"))
            await watcher.close()
            // The reply that now comes is nobody else's.
            #expect(try await client.send(ValkeyCommand("ECHO", "mine"), as: String.self) == "mine")
        }
    }

    @Test("a slow reply past its deadline is thrown away, the next caller gets its own")
    func deadlines() async throws {
        try await withServer { client, _ in
            try await waitUntilUp(client)
            await #expect(throws: ValkeyError.timedOut(maybeExecuted: true)) {
                try await client.send(ValkeyCommand("DEBUG", "SLEEP", "1.2"), timeout: .milliseconds(100))
            }
            await #expect(throws: ValkeyError.timedOut(maybeExecuted: true)) {
                try await client.send(ValkeyCommand("ECHO", "late"), timeout: .milliseconds(50))
            }
            #expect(try await client.send(ValkeyCommand("ECHO", "mine"), as: String.self) == "mine")
        }
    }

    @Test("a server that accepts and says nothing is given up in time, and tried again")
    func silent() async throws {
        let listener = try Listener(greeting: "")
        defer { listener.stop() }
        let configuration = ValkeyConfiguration(connectionPatience: .seconds(2), connectTimeout: .milliseconds(200))
        let client = try ValkeyClient("valkey://127.0.0.1:\(listener.port)", configuration: configuration)
        await #expect {
            try await client.ping()
        } throws: {
            "\($0)".contains("did not answer within")
        }
        #expect(listener.connections >= 2)
        await client.close()
    }

    @Test("refuses more calls than its bound, and recovers")
    func overload() async throws {
        let configuration = ValkeyConfiguration(connectionPatience: .seconds(10), maxPending: 10)
        try await withServer(configuration: configuration) { client, _ in
            try await waitUntilUp(client)
            let overloaded = Box(0)
            let other = ValkeyClient(url: client.url)
            try await withThrowingTaskGroup { group in
                for _ in 0..<20 {
                    group.addTask {
                        // The first waits until it is given something, the others behind it.
                        do { _ = try await client.send(ValkeyCommand("BLPOP", "queue", 60)) } catch {
                            guard case ValkeyError.overloaded = error else {
                                Issue.record("\(error)")
                                return
                            }
                            overloaded.update { $0 += 1 }
                        }
                    }
                }
                try await waitUntil { overloaded.current == 10 }
                for item in 0..<10 { _ = try await other.send(ValkeyCommand("RPUSH", "queue", "\(item)")) }
                try await group.waitForAll()
            }
            await other.close()
            #expect(overloaded.current == 10)
            try await client.ping()
        }
    }

    @Test("goes on after its timer woke it for nothing")
    func idleTimer() async throws {
        try await withServer { client, _ in
            try await waitUntilUp(client)
            // A call that is answered long before its deadline leaves a timer behind.
            _ = try await client.send(ValkeyCommand("PING"), timeout: .milliseconds(200))
            let start = ContinuousClock.now
            while start.duration(to: .now) < .milliseconds(300) { try await client.ping() }
        }
    }

    @Test("tells of connections and losses")
    func events() async throws {
        let events = Box<[ValkeyEvent]>([])
        let configuration = ValkeyConfiguration(connectionPatience: .seconds(10)) { event in
            events.update { $0.append(event) }
        }
        try await withServer(configuration: configuration) { client, server in
            try await waitUntilUp(client)
            #expect(events.current.last == .connected(endpoint: client.url.description))
            server.kill()
            try await waitUntil {
                if case .disconnected? = events.current.last { true } else { false }
            }
        }
    }

    @Test("closing ends the calls under way")
    func closing() async throws {
        try await withServer { client, _ in
            try await waitUntilUp(client)
            let slow = Task { try await client.send(ValkeyCommand("BLPOP", "queue", 5)) }
            let other = Task { try await client.send(ValkeyCommand("BLPOP", "queue", 5)) }
            let watcher = ValkeyClient(url: client.url)
            try await waitUntil {
                try await watcher.send(ValkeyCommand("CLIENT", "LIST"), as: String.self).contains("cmd=blpop")
            }
            await watcher.close()
            await client.close()
            await #expect(throws: ValkeyError.self) { try await slow.value }
            await #expect(throws: ValkeyError.self) { try await other.value }
            await #expect(throws: ValkeyError.closed) { try await client.ping() }
        }
    }
}

private struct TooLate: Error {}

/// Waits for a condition, for a bounded time.
private func waitUntil(_ condition: () async throws -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(100)
    while try await !condition() {
        guard .now < end else { throw TooLate() }
        try await Task.sleep(for: .milliseconds(1))
    }
}

private func waitUntilUp(_ client: ValkeyClient) async throws {
    while true {
        do { return try await client.ping() } catch ValkeyError.unreachable { continue }
    }
}
