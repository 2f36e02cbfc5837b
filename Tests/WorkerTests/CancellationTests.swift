import Glibc
import Testing
import WorkerProtocol

extension ProcessTests {
    @Suite struct CancellationTests {
        private func cancelled(_ reason: String) -> InvocationFailure {
            InvocationFailure(code: .cancelled, message: "cancelled: \(reason)")
        }

        @Test func theDeadlineCancelsTheHandler() throws {
            let worker = try DirectWorker("Sleep", concurrency: 4)
            // Several deadlines, not in order: each is kept.
            try worker.gateway.invoke(1, query: "ms=60000", remaining: .milliseconds(150))
            try worker.gateway.invoke(2, query: "ms=60000", remaining: .milliseconds(50))
            try worker.gateway.invoke(3, query: "ms=60000", remaining: .milliseconds(100))
            try worker.gateway.invoke(4, query: "ms=1", remaining: .seconds(60))
            #expect(try worker.gateway.response(4).text == "slept")
            for id: UInt32 in [2, 3, 1] {
                #expect(try worker.gateway.next() == .failure(id: id, returnsSlot: true, cancelled("deadline")))
            }
            try worker.gateway.invoke(1, query: "ms=1")
            #expect(try worker.gateway.response(1).text == "slept")
        }

        @Test func aDeadlineThatHasPassedCancelsAtOnce() throws {
            let worker = try DirectWorker("Sleep")
            try worker.gateway.invoke(1, query: "ms=60000", remaining: .zero)
            #expect(try worker.gateway.next(within: 60) == .failure(id: 1, returnsSlot: true, cancelled("deadline")))
        }

        @Test func aDeadlineBeyondAllTimeIsNone() throws {
            let worker = try DirectWorker("Sleep")
            try worker.gateway.invoke(1, query: "ms=1", remaining: .seconds(Int64.max / 4))
            #expect(try worker.gateway.response(1).text == "slept")
        }

        @Test func aCancelFrameCancelsTheHandler() throws {
            let worker = try DirectWorker("Sleep", concurrency: 2)
            try worker.gateway.invoke(1, query: "ms=60000")
            try worker.gateway.invoke(2, query: "ms=60000")
            try worker.gateway.send(.cancel(id: 2, .clientGone), .cancel(id: 99, .clientGone))
            #expect(try worker.gateway.next() == .failure(id: 2, returnsSlot: true, cancelled("clientGone")))
            try worker.gateway.send(.cancel(id: 1, .shutdown))
            #expect(try worker.gateway.next() == .failure(id: 1, returnsSlot: true, cancelled("shutdown")))
        }

        @Test func aHandlerThatDoesNotYieldKeepsItsSlot() throws {
            let worker = try DirectWorker("IgnoreCancellation")
            try worker.gateway.invoke(1, query: "ms=400")
            try worker.gateway.send(.cancel(id: 1, .deadline))
            #expect(try worker.gateway.isQuiet(for: 0.2))
            #expect(try worker.gateway.next() == .failure(id: 1, returnsSlot: true, cancelled("deadline")))
        }

        @Test func aBusyHandlerIsReportedOnceItEnds() throws {
            let worker = try DirectWorker("BusyLoop")
            try worker.gateway.invoke(1, query: "ms=300", remaining: .milliseconds(20))
            #expect(try worker.gateway.next() == .failure(id: 1, returnsSlot: true, cancelled("deadline")))
        }

        @Test func whoeverWaitsForABodyIsCancelled() throws {
            let worker = try DirectWorker("Inspect")
            var message = InvokeMessage(method: "POST", path: "/")
            message.endsBody = false
            try worker.gateway.invoke(1, message)
            try worker.gateway.sendBody(1, [1, 2, 3], isEnd: false)
            try worker.gateway.send(.cancel(id: 1, .clientGone))
            #expect(try worker.gateway.next() == .failure(id: 1, returnsSlot: true, cancelled("clientGone")))
        }

        @Test func whoeverWaitsForCreditIsCancelled() throws {
            let worker = try DirectWorker("StreamForever")
            try worker.gateway.invoke(1)
            var bytes = 0
            while bytes < ProtocolLimits.initialWindow {
                switch try worker.gateway.next() {
                case .response: continue
                case .responseBody(1, false, false, let piece): bytes += piece.count
                case let other: throw ProbeProcess.Failed(description: "unexpected \(other)")
                }
            }
            #expect(bytes == ProtocolLimits.initialWindow)
            #expect(try worker.gateway.isQuiet(for: 0.1))
            try worker.gateway.send(.cancel(id: 1, .clientGone))
            #expect(try worker.gateway.next() == .failure(id: 1, returnsSlot: true, cancelled("clientGone")))
        }
    }
}
