import Testing
import WorkerProtocol

extension ProcessTests {
    @Suite struct FlowTests {
        @Test func aLargeBodyGoesBothWaysWithinItsWindows() throws {
            let worker = try DirectWorker("Echo")
            let body = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 / 7_919) }
            var message = InvokeMessage(method: "POST", path: "/")
            message.body = Array(body[..<1_000])
            message.endsBody = false
            try worker.gateway.invoke(1, message)
            var credit = ProtocolLimits.initialWindow - 1_000
            var sent = 1_000
            var allowed = ProtocolLimits.initialWindow
            var received: [UInt8] = []
            var isDone = false
            while !isDone {
                while credit > 0, sent < body.count {
                    let size = min(credit, 50_000, body.count - sent)
                    try worker.gateway.sendBody(1, Array(body[sent..<sent + size]), isEnd: sent + size == body.count)
                    sent += size
                    credit -= size
                }
                switch try worker.gateway.next() {
                case .requestCredit(1, let bytes): credit += bytes
                case .response(1, let part): #expect(part.status == 200)
                case .responseBody(1, _, let returnsSlot, let bytes):
                    received.append(contentsOf: bytes)
                    allowed -= bytes.count
                    #expect(allowed >= 0, "more than the window was sent")
                    isDone = returnsSlot
                    if !isDone, !bytes.isEmpty {
                        allowed += bytes.count
                        try worker.gateway.send(.responseCredit(id: 1, bytes: UInt32(bytes.count)))
                    }
                case let other: throw ProbeProcess.Failed(description: "unexpected \(other)")
                }
            }
            #expect(received == body)
        }

        @Test func aBodyNobodyReadsIsNotCredited() throws {
            let worker = try DirectWorker("NeverReadBody")
            var message = InvokeMessage(method: "POST", path: "/")
            message.endsBody = false
            message.body = [UInt8](repeating: 0, count: 1_000)
            try worker.gateway.invoke(1, message)
            #expect(try worker.gateway.response(1).text == "no need")
            // What was under way when the answer came is left out in silence.
            try worker.gateway.sendBody(1, [UInt8](repeating: 0, count: 100), isEnd: true)
            try worker.gateway.invoke(1)
            #expect(try worker.gateway.response(1).text == "no need")
        }

        @Test func aLargeResponseComesInPieces() throws {
            let worker = try DirectWorker("BigResponse")
            for size in [
                0, 1, ProtocolLimits.initialWindow - 1, ProtocolLimits.initialWindow,
                ProtocolLimits.initialWindow + 1, 2_500_000,
            ] {
                try worker.gateway.invoke(1, query: "size=\(size)")
                let response = try worker.gateway.response(1)
                #expect(response.body.count == size)
                #expect(response.body == (0..<size).map { UInt8(truncatingIfNeeded: $0 / 1_000) }, "\(size)")
            }
        }

        /// The worker's answers fill the socket while nobody reads; it must neither block nor lose any.
        @Test func aGatewayThatDoesNotReadLosesNothing() throws {
            let worker = try DirectWorker("BigResponse", concurrency: 64)
            for id in 1...64 { try worker.gateway.invoke(UInt32(id), query: "size=250000", remaining: .seconds(60)) }
            // The read loop still reads while its answers cannot leave: it takes all this without blocking us.
            for _ in 1...64 { try worker.gateway.send(.ping) }
            var sizes: [UInt32: Int] = [:]
            var pongs = 0
            while sizes.count < 64 || pongs < 64 {
                switch try worker.gateway.next() {
                case .response(let id, let part): sizes[id] = part.body.count
                case .pong: pongs += 1
                case let other: throw ProbeProcess.Failed(description: "unexpected \(other)")
                }
            }
            #expect(sizes.values.allSatisfy { $0 == 250_000 })
        }

        @Test func aSmallerWindowOfTheGatewayHolds() throws {
            let worker = try DirectWorker("BigResponse", welcomed: false)
            guard case .hello = try worker.gateway.next() else { throw ProbeProcess.Failed(description: "no hello") }
            try worker.gateway.send(.welcome(Welcome(maximumFrame: 4_096, window: 10_000)))
            #expect(try worker.gateway.next() == .offer(1))
            try worker.gateway.invoke(1, query: "size=30000")
            var received = 0
            var isDone = false
            while !isDone {
                switch try worker.gateway.next() {
                case .response(1, let part):
                    #expect(part.body.count <= 4_096)
                    received += part.body.count
                case .responseBody(1, _, let returnsSlot, let bytes):
                    #expect(bytes.count <= 4_096)
                    received += bytes.count
                    isDone = returnsSlot
                case let other: throw ProbeProcess.Failed(description: "unexpected \(other)")
                }
                if !isDone, received == 10_000 || received == 20_000 {
                    #expect(try worker.gateway.isQuiet(for: 0.05))
                    try worker.gateway.send(.responseCredit(id: 1, bytes: 10_000))
                }
            }
            #expect(received == 30_000)
        }

        @Test func aStreamThatBreaksOffIsReported() throws {
            let worker = try DirectWorker("StreamThenThrow")
            try worker.gateway.invoke(1)
            let response = try worker.gateway.response(1)
            #expect(response.status == 200)
            #expect(response.text == "the beginning")
            #expect(response.failure == InvocationFailure(code: .handlerThrew, message: "the secret reason"))
            #expect(worker.process.text.contains("broke off"))
        }

        @Test func aStreamIsSentWhileItIsMade() throws {
            let worker = try DirectWorker("StreamOut")
            try worker.gateway.invoke(1, query: "count=3&size=5&ms=100")
            guard case .response(1, let head) = try worker.gateway.next() else {
                throw ProbeProcess.Failed(description: "no head")
            }
            #expect(head.body.isEmpty && !head.isEnd)
            for letter in ["a", "b", "c"] {
                let piece = [UInt8](repeating: letter.utf8.first ?? 0, count: 5)
                #expect(try worker.gateway.next() == .responseBody(id: 1, isEnd: false, returnsSlot: false, piece))
            }
            #expect(try worker.gateway.next() == .responseBody(id: 1, isEnd: true, returnsSlot: true, []))
        }
    }
}
