import Glibc
import Testing
import WorkerProtocol

extension ProcessTests {
    @Suite struct LeavingTests {
        @Test func aDrainedWorkerFinishesWhatItHas() throws {
            let worker = try DirectWorker("Sleep", concurrency: 2)
            try worker.gateway.invoke(1, query: "ms=200")
            try worker.gateway.send(.drain)
            #expect(try worker.gateway.next() == .leaving)
            #expect(try worker.gateway.response(1).text == "slept")
            #expect(try worker.gateway.next() == .end)
            #expect(try worker.process.end() == .code(0))
        }

        @Test func anIdleWorkerLeavesAtOnce() throws {
            let worker = try DirectWorker("Hello")
            try worker.gateway.send(.drain)
            #expect(try worker.gateway.next() == .leaving)
            #expect(try worker.gateway.next(within: 60) == .end)
            #expect(try worker.process.end() == .code(0))
        }

        /// An invoke that crosses `leaving` on its way is answered: the worker stays until it is drained.
        @Test func aTerminatedWorkerWaitsForTheGateway() throws {
            let worker = try DirectWorker("Hello", concurrency: 2)
            kill(worker.process.pid, SIGTERM)
            #expect(try worker.gateway.next() == .leaving)
            #expect(try worker.gateway.isQuiet(for: 0.1))
            try worker.gateway.invoke(1)
            #expect(try worker.gateway.response(1).text == "hello")
            try worker.gateway.send(.drain)
            #expect(try worker.gateway.next() == .end)
            #expect(try worker.process.end() == .code(0))
        }

        @Test func aWorkerThatIsStillStartingCanLeave() throws {
            for signal in [true, false] {
                let worker = try DirectWorker("HangAtStart", welcomed: false)
                guard case .hello = try worker.gateway.next() else {
                    throw ProbeProcess.Failed(description: "no hello")
                }
                try worker.gateway.send(.welcome(Welcome()))
                if signal { kill(worker.process.pid, SIGTERM) } else { try worker.gateway.send(.drain) }
                #expect(try worker.gateway.next() == .leaving)
                if signal { try worker.gateway.send(.drain) }
                #expect(try worker.process.end() == .code(0))
            }
        }

        @Test func aGatewayThatGoesAwayEndsTheWorker() throws {
            let worker = try DirectWorker("Sleep", concurrency: 2)
            try worker.gateway.invoke(1, query: "ms=60000")
            try worker.gateway.invoke(2, query: "ms=60000")
            worker.gateway.wire.finishSending()
            #expect(try worker.process.end() == .code(0))
        }

        @Test func aBlockedHandlerDoesNotKeepALeavingProcess() throws {
            let worker = try DirectWorker("BlockForever")
            try worker.gateway.invoke(1)
            worker.gateway.wire.finishSending()
            #expect(try worker.process.end() == .code(0))
        }

        @Test func aRefusedWorkerSaysSo() throws {
            let worker = try DirectWorker("Hello", welcomed: false)
            try worker.gateway.send(.refuse(Refusal(code: .revision, reason: "revision r1 was replaced by r2")))
            #expect(try worker.process.end() == .code(1))
            #expect(worker.process.text.contains("revision r1 was replaced by r2"))
        }

        @Test func violationsEndTheWorkerWithTheReason() throws {
            func end(of handler: String, _ provoke: (GatewayEnd) throws -> Void) throws -> String {
                let worker = try DirectWorker(handler)
                try provoke(worker.gateway)
                #expect(try worker.process.end() == .code(1))
                return worker.process.text
            }
            let slots = try end(of: "Sleep") { gateway in
                try gateway.invoke(1, query: "ms=60000")
                try gateway.invoke(2)
            }
            #expect(slots.contains("without a free slot"))
            let garbage = try end(of: "Hello") { try $0.wire.send([9, 0, 0, 0, 0xEE, 0, 0, 0, 0, 1, 2, 3, 4]) }
            #expect(garbage.contains("unknownType"))
            let huge = try end(of: "Hello") { try $0.wire.send([0xFF, 0xFF, 0xFF, 0xFF]) }
            #expect(huge.contains("frameTooLarge"))
            let body = try end(of: "Sleep") { gateway in
                var message = InvokeMessage(method: "POST", path: "/")
                message.query = "ms=60000"
                message.endsBody = false
                try gateway.invoke(1, message)
                try gateway.sendBody(1, [UInt8](repeating: 0, count: ProtocolLimits.initialWindow), isEnd: false)
                try gateway.sendBody(1, [0], isEnd: false)
            }
            #expect(body.contains("with a credit of 0"))
            let ended = try end(of: "Sleep") { gateway in
                try gateway.invoke(1, query: "ms=60000")
                try gateway.sendBody(1, [0], isEnd: false)
            }
            #expect(ended.contains("has ended"))
        }

        @Test func anIdInUseIsAViolation() throws {
            let worker = try DirectWorker("Sleep", concurrency: 2)
            try worker.gateway.invoke(1, query: "ms=60000")
            try worker.gateway.invoke(1)
            #expect(try worker.process.end() == .code(1))
            #expect(worker.process.text.contains("under way already"))
        }
    }
}
