import Foundation
import HTTPTransfer
import Testing

@Suite("Streamed responses", .enabled(if: HTTPServer.isAvailable, HTTPServer.missing), .serialized)
struct StreamTests {
    @Test("come piece by piece, whole and in order")
    func pieces() async throws {
        try await withServer { client, server in
            let (head, body) = try await client.stream(HTTPClientRequest(url: server.url("/chunks?2000")))
            #expect(head.status == 200)
            var text: [UInt8] = []
            for try await piece in body {
                #expect(!piece.isEmpty)
                text += piece
            }
            #expect(String(decoding: text, as: UTF8.self) == (0..<2_000).map { "\($0);" }.joined())
        }
    }

    @Test("give the head before the body is there")
    func headFirst() async throws {
        try await withServer { client, server in
            let (head, body) = try await client.stream(HTTPClientRequest(url: server.url("/hang"), timeout: nil))
            #expect(head.headers["Content-Length"] == "10")
            var iterator = body.makeAsyncIterator()
            #expect(try await iterator.next() == Array("half-".utf8))
        }
    }

    @Test("hold the sender up while nobody reads, and go on when somebody does")
    func backPressure() async throws {
        try await withServer(HTTPClientConfiguration(usesProxies: false, streamBuffer: 100_000)) { client, server in
            func sent() async throws -> Int {
                let response = try await client.execute(HTTPClientRequest(url: server.url("/counters")))
                return try JSONDecoder().decode([Int].self, from: Data(response.body))[1]
            }
            let (_, body) = try await client.stream(HTTPClientRequest(url: server.url("/endless"), timeout: nil))
            // The sockets' buffers fill, then the sender stands still.
            var before = -1
            try await waitUntil {
                try await Task.sleep(for: .milliseconds(50))
                let now = try await sent()
                defer { before = now }
                return now == before
            }
            #expect(before > 0)
            #expect(before < 32 << 20)
            var read = 0
            var iterator = body.makeAsyncIterator()
            while read < before + 20_000_000, let piece = try await iterator.next() {
                #expect(piece.allSatisfy { $0 == 0x78 })
                #expect(piece.count <= 200_000)
                read += piece.count
            }
            #expect(try await sent() > before)
        }
    }

    @Test("end their transfer when nobody can read them any more")
    func abandoned() async throws {
        try await withServer { client, server in
            func hanging() async throws -> Int {
                let response = try await client.execute(HTTPClientRequest(url: server.url("/counters")))
                return try JSONDecoder().decode([Int].self, from: Data(response.body))[1]
            }
            do {
                let (_, body) = try await client.stream(HTTPClientRequest(url: server.url("/hang"), timeout: nil))
                var iterator = body.makeAsyncIterator()
                _ = try await iterator.next()
                #expect(try await hanging() == 1)
            }
            try await waitUntil { try await hanging() == 0 }
        }
    }

    @Test("go on when nobody but their reader holds the client any more")
    func clientLetGo() async throws {
        try await withServer { _, server in
            func open() async throws -> HTTPClientBody {
                let client = HTTPClient(
                    configuration: HTTPClientConfiguration(usesProxies: false, streamBuffer: 100_000)
                )
                return try await client.stream(HTTPClientRequest(url: server.url("/endless"), timeout: nil)).body
            }
            var iterator = try await open().makeAsyncIterator()
            var read = 0
            while read < 20_000_000, let piece = try await iterator.next() { read += piece.count }
            #expect(read >= 20_000_000)
        }
    }

    @Test("end with the error that ended them")
    func failures() async throws {
        try await withServer { client, server in
            let (_, body) = try await client.stream(HTTPClientRequest(url: server.url("/truncate")))
            var text: [UInt8] = []
            await #expect {
                for try await piece in body { text += piece }
            } throws: {
                if case HTTPClientError.connectionLost = $0 { true } else { false }
            }
            #expect(text == Array("only this".utf8))
            await #expect {
                try await client.stream(HTTPClientRequest(url: server.url("/reset")))
            } throws: {
                if case HTTPClientError.connectionLost = $0 { true } else { false }
            }
        }
    }

    @Test("a reader that is cancelled stops waiting at once")
    func cancelledReader() async throws {
        try await withServer { client, server in
            let (_, body) = try await client.stream(HTTPClientRequest(url: server.url("/hang"), timeout: nil))
            let reader = Task {
                var pieces = 0
                for try await _ in body { pieces += 1 }
                return pieces
            }
            try await Task.sleep(for: .milliseconds(20))
            reader.cancel()
            guard case .failure(HTTPClientError.cancelled) = await reader.result else {
                Issue.record("the reader was not cancelled")
                return
            }
        }
    }
}
