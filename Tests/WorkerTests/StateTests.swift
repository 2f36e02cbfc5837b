import Glibc
import Testing
import Valkey
import ValkeyTestSupport
import WorkerProtocol

extension ProcessTests {
    @Suite struct StateTests {
        /// A Unix socket nobody listens on: the store cannot be reached.
        @Test func anUnreachableStoreIsAnsweredWith503() throws {
            let worker = try DirectWorker(
                "CountInValkey",
                environment: ["VALKEY_URL=unix:///nonexistent/valkey.sock"]
            )
            try worker.gateway.invoke(1)
            let response = try worker.gateway.response(1)
            #expect(response.status == 503)
            #expect(response.text.contains("urn:shopfn:problem:state-unavailable"))
            #expect(!response.text.contains("nonexistent"), "where the store is stays inside")
            #expect(worker.process.text.contains("nonexistent"))
        }

        @Test func aStoreNamedWronglyKeepsTheWorkerFromStarting() throws {
            let worker = try DirectWorker("Hello", environment: ["VALKEY_URL=http://x"], welcomed: false)
            guard case .hello = try worker.gateway.next(), case .startFailed(let reason) = try worker.gateway.next()
            else { throw ProbeProcess.Failed(description: "no startFailed") }
            #expect(reason.contains("VALKEY_URL is wrong"), "\(reason)")
        }

        /// The names of a worker's threads.
        private func threads(_ worker: DirectWorker) -> [String] {
            guard let folder = opendir("/proc/\(worker.process.pid)/task") else { return [] }
            defer { closedir(folder) }
            var names: [String] = []
            while let entry = readdir(folder) {
                let id = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                }
                if let name = procFile(worker.process.pid, "task/\(id)/comm") { names.append(name) }
            }
            return names
        }

        @Test func nothingIsStartedForAStoreNobodyAsksForOrOnAUnixSocket() throws {
            let urls = [
                ("Hello", "valkey://127.0.0.1:1"), ("CountInValkey", "unix:///nonexistent/valkey.sock"),
                ("CountInValkey", "valkey://127.0.0.1:1"),
            ]
            let loops = try urls.map { handler, url in
                let worker = try DirectWorker(handler, environment: ["VALKEY_URL=\(url)"])
                try worker.gateway.invoke(1)
                _ = try worker.gateway.response(1)
                return threads(worker).count { $0.hasPrefix("NIO") }
            }
            #expect(loops == [0, 0, 1])
        }

        /// What so many invocations are answered, in whatever order.
        private func texts(_ worker: DirectWorker, _ count: Int) throws -> [String] {
            try (0..<count).map { _ in
                guard case .response(_, let part) = try worker.gateway.next() else { return "" }
                return String(decoding: part.body, as: UTF8.self)
            }
        }

        @Test func aStoreThatComesBackIsUsedAgain() async throws {
            let server = try await ValkeyServer()
            let worker = try DirectWorker("CountInValkey", concurrency: 8, environment: ["VALKEY_URL=\(server.url)"])
            for round in 0..<3 {
                for id: UInt32 in 1...8 { try worker.gateway.invoke(id) }
                #expect(try texts(worker, 8).sorted() == (1...8).map { "\($0)" }, "round \(round)")
                server.crash()
                try worker.gateway.invoke(9)
                #expect(try worker.gateway.response(9).status == 503)
                try await server.start()
            }
        }

        /// A handler that keeps its thread after it waited for the store keeps neither the store nor the others.
        @Test func aHandlerThatBlocksAfterItWaitedDelaysNobody() async throws {
            let server = try await ValkeyServer()
            let worker = try DirectWorker("CountThenBlock", concurrency: 8, environment: ["VALKEY_URL=\(server.url)"])
            try worker.gateway.invoke(1)
            let client = try ValkeyClient(server.url)
            while try await client.get("probe:calls", as: Int.self) != 1 { try await Task.sleep(for: .milliseconds(5)) }
            await client.close()
            for count in 2...200 {
                try worker.gateway.invoke(2)
                #expect(try worker.gateway.response(2).text == "\(count)")
            }
        }

        @Test func whatDoesNotFitIntoASocketGoesThereInPieces() async throws {
            let server = try await ValkeyServer()
            let worker = try DirectWorker("StoreMuch", concurrency: 4, environment: ["VALKEY_URL=\(server.url)"])
            for id: UInt32 in 1...4 { try worker.gateway.invoke(id) }
            #expect(try texts(worker, 4) == ["true", "true", "true", "true"])
        }
    }
}
