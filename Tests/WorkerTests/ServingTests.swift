import Glibc
import Testing
import WorkerProtocol

extension ProcessTests {
    @Suite struct ServingTests {
        @Test func aWorkerSaysWhoItIsAndAnswers() throws {
            let worker = try DirectWorker("Hello", concurrency: 3, welcomed: false)
            let hello = try worker.gateway.welcome()
            #expect(hello.version == ProtocolLimits.version)
            #expect(hello.token == "secret")
            #expect(hello.workerID == "w1")
            #expect(hello.function == "test-function")
            #expect(hello.revision == "r1")
            #expect(hello.concurrency == 3)
            #expect(hello.pid == UInt32(worker.process.pid))
            try worker.gateway.invoke(9)
            let part = GatewayEnd.Part(
                status: 200,
                headers: ["content-type: text/plain; charset=utf-8"],
                body: Array("hello".utf8),
                isEnd: true,
                returnsSlot: true
            )
            #expect(try worker.gateway.next() == .response(id: 9, part))
            worker.gateway.wire.finishSending()
            #expect(try worker.process.end() == .code(0))
            #expect(worker.process.text == "")
        }

        @Test func aWorkerConnectsToAUnixSocket() throws {
            let listener = try Listener()
            let process = try ProbeProcess(
                ["--function", "f", "--handler", "Count", "--gateway", "unix://\(listener.path)"]
            )
            let gateway = GatewayEnd(try listener.accept())
            let hello = try gateway.welcome()
            #expect(hello.workerID == "f-\(process.pid)")
            #expect(hello.concurrency == 1)
            for count in 1...100 {
                try gateway.invoke(1)
                #expect(try gateway.response(1).text == "\(count)")
            }
            #expect(procFile(process.pid, "comm") == "f\n")
            try gateway.send(.drain)
            #expect(try gateway.next() == .leaving)
            #expect(try process.end() == .code(0))
        }

        @Test func theHandlerSeesTheWholeEvent() throws {
            let worker = try DirectWorker("Inspect", environment: ["COLOUR=blue"])
            var message = InvokeMessage(method: "POST", path: "/a/b%20c")
            message.query = "variable=COLOUR&x=1&x=a+b%26"
            message.route = "/a/{name}"
            message.parameters = [("name", "b c")]
            message.headers = [("Cookie", "cart=7; theme=\"dark\""), ("x-one", "1"), ("X-One", "2")]
            message.requestID = "req-1"
            message.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
            message.clientAddress = "203.0.113.9"
            message.flags = [.retried, .idempotent]
            message.body = Array("12345".utf8)
            try worker.gateway.invoke(1, message)
            let text = try worker.gateway.response(1).text
            for expected in [
                #""method":"POST""#, #""path":"/a/b%20c""#, #""rawQuery":"variable=COLOUR&x=1&x=a+b%26""#,
                #"{"name":"x","value":"a b&"}"#, #""parameters":{"name":"b c"}"#,
                #""cookies":{"cart":"7","theme":"dark"}"#, #"{"name":"X-One","value":"2"}"#,
                #""route":"/a/{name}""#, #""clientAddress":"203.0.113.9""#, #""bodySize":5"#,
                #""requestID":"req-1""#, #""traceID":"4bf92f3577b34da6a3ce929d0e0e4736""#, #""isRetry":true"#,
                #""isIdempotent":true"#, #""function":"test-function""#, #""worker":"w1""#, #""revision":"r1""#,
                #""variable":"blue""#,
            ] {
                #expect(text.contains(expected), "\(expected) in \(text)")
            }
        }

        @Test func manyInvocationsRunAtOnceAndNoneIsMixedUp() throws {
            let worker = try DirectWorker("Echo", concurrency: 64)
            var open: [UInt32: [UInt8]] = [:]
            var sent: UInt32 = 0
            var answered = 0
            while answered < 5_000 {
                while open.count < 64, sent < 5_000 {
                    sent += 1
                    var message = InvokeMessage(method: "POST", path: "/")
                    message.body = Array("body of \(sent)".utf8)
                    open[sent] = []
                    try worker.gateway.invoke(sent, message)
                }
                switch try worker.gateway.next() {
                case .response(let id, let part):
                    open[id]?.append(contentsOf: part.body)
                    #expect(!part.returnsSlot)
                case .responseBody(let id, _, let returnsSlot, let bytes):
                    open[id]?.append(contentsOf: bytes)
                    if returnsSlot {
                        #expect(open.removeValue(forKey: id) == Array("body of \(id)".utf8))
                        answered += 1
                    }
                case let other:
                    Issue.record("unexpected \(other)")
                    return
                }
            }
        }

        @Test func aPingIsAnsweredWhileHandlersAreBusy() throws {
            let worker = try DirectWorker("BusyLoop", concurrency: 8)
            for id in 1...8 { try worker.gateway.invoke(UInt32(id), query: "ms=400") }
            try worker.gateway.send(.ping)
            #expect(try worker.gateway.next() == .pong)
        }

        @Test func aSlowStartOffersItsSlotsLate() throws {
            let worker = try DirectWorker("SlowStart", welcomed: false)
            guard case .hello = try worker.gateway.next() else {
                Issue.record("no hello before the handler is ready")
                return
            }
            try worker.gateway.send(.welcome(Welcome()))
            #expect(try worker.gateway.isQuiet(for: 0.05))
            try worker.gateway.send(.ping)
            #expect(try worker.gateway.next() == .pong)
            #expect(try worker.gateway.next() == .offer(1))
            try worker.gateway.invoke(1)
            #expect(try worker.gateway.response(1).text == "started")
        }

        @Test func aHandlerThatCannotStartSaysWhy() throws {
            let worker = try DirectWorker("FailStart", welcomed: false)
            guard case .hello = try worker.gateway.next() else { throw ProbeProcess.Failed(description: "no hello") }
            let message = "the environment variable A_VARIABLE_NOBODY_SETS is not set"
            #expect(try worker.gateway.next() == .startFailed(message))
            #expect(try worker.gateway.next() == .end)
            #expect(try worker.process.end() == .code(1))
            #expect(worker.process.text.contains(message))
        }

        @Test func aCrashIsTheEndOfTheConnection() throws {
            let worker = try DirectWorker("Crash")
            try worker.gateway.invoke(1)
            #expect(try worker.gateway.next() == .end)
            #expect(try worker.process.end() == .signal(SIGABRT))
        }

        @Test func errorsAndProblemsBecomeAnswers() throws {
            let thrower = try DirectWorker("Throw")
            var message = InvokeMessage(method: "GET", path: "/")
            message.requestID = "req-77"
            try thrower.gateway.invoke(1, message)
            let response = try thrower.gateway.response(1)
            #expect(response.status == 500)
            #expect(response.headers == ["content-type: application/problem+json"])
            #expect(
                response.text
                    == #"{"type":"urn:shopfn:problem:internal-error","title":"Internal Server Error","status":500}"#
            )
            #expect(thrower.process.text.contains("the secret reason"))
            #expect(thrower.process.text.contains("requestId=req-77"))
            #expect(thrower.process.text.contains("function=test-function"))

            let problem = try DirectWorker("ThrowProblem")
            try problem.gateway.invoke(1)
            let answer = try problem.gateway.response(1)
            #expect(answer.status == 422)
            #expect(answer.text.contains(#""errors":[{"pointer":"/a","detail":"is missing"}]"#))
            #expect(problem.process.text == "")
        }

        @Test func responsesThatAreNoHTTPAreRefused() throws {
            for handler in ["BadHeader", "BadStatus"] {
                let worker = try DirectWorker(handler)
                try worker.gateway.invoke(1)
                let response = try worker.gateway.response(1)
                #expect(response.failure?.code == .badResponse, "\(handler)")
                try worker.gateway.invoke(1)
                #expect(try worker.gateway.response(1).failure != nil, "\(handler) goes on")
            }
        }

        @Test func badJSONIsAnsweredWithItsPlace() throws {
            let worker = try DirectWorker("DecodeJSON")
            func status(_ body: String, type: String? = nil) throws -> (Int, String) {
                var message = InvokeMessage(method: "POST", path: "/")
                message.body = Array(body.utf8)
                if let type { message.headers = [("content-type", type)] }
                try worker.gateway.invoke(1, message)
                let response = try worker.gateway.response(1)
                return (response.status, response.text)
            }
            #expect(try status(#"{"lines":[{"quantity":2},{"quantity":3}]}"#) == (200, #"{"total":5}"#))
            #expect(try status(#"{"lines":[]}"#, type: "application/vnd.x+json; charset=utf-8").0 == 200)
            #expect(try status(#"{"lines":[{"quantity":2},"#).0 == 400)
            #expect(try status("").0 == 400)
            #expect(try status("{}", type: "text/plain").0 == 415)
            let wrong = try status(#"{"lines":[{"quantity":"two"}]}"#)
            #expect(wrong.0 == 422)
            #expect(wrong.1.contains("/lines/0/quantity"))
        }

        @Test func logsAreOneLineARecord() throws {
            let text = try DirectWorker("Log")
            try text.gateway.invoke(1)
            _ = try text.gateway.response(1)
            let lines = text.process.text.split(separator: "\n")
            #expect(lines.count == 2)
            #expect(lines[0].contains("level=info msg=starting function=test-function worker=w1"))
            #expect(lines[1].contains(#"msg="a line\nand another""#))

            let json = try DirectWorker("Log", environment: ["SHOPFN_LOG_FORMAT=json"])
            try json.gateway.invoke(1)
            _ = try json.gateway.response(1)
            #expect(json.process.text.contains(#""message":"a line\nand another""#))
            #expect(json.process.text.contains(#""size":"12""#))

            let quiet = try DirectWorker("Log", environment: ["SHOPFN_LOG_LEVEL=error"])
            try quiet.gateway.invoke(1)
            _ = try quiet.gateway.response(1)
            #expect(quiet.process.text == "")
        }
    }
}

/// Everything that starts processes runs one after another: each test then has the machine's time for itself.
@Suite(.serialized, .timeLimit(.minutes(15))) struct ProcessTests {}
