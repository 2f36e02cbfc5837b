import Testing
import WorkerProtocol

@Suite struct RoundTripTests {
    @Test func everyFrameDecodesToWhatWasEncoded() throws {
        for sample in try Samples.all() {
            let again = try sample.bytes.withUnsafeBytes { try sample.direction.reencode($0) }
            #expect(again?.bytes == sample.bytes, "\(sample.name)")
            #expect(again?.size == sample.bytes.count, "\(sample.name)")
        }
    }

    @Test func aFrameCutAnywhereNeedsMore() throws {
        for sample in try Samples.all() {
            for end in 0..<sample.bytes.count {
                let result = try sample.bytes[..<end].withUnsafeBytes { try sample.direction.reencode($0) }
                #expect(result == nil, "\(sample.name) cut at \(end)")
            }
        }
    }

    @Test func manyFramesInOneBufferComeOutInOrder() throws {
        for direction in Sample.Direction.allCases {
            let samples = try Samples.all().filter { $0.direction == direction }
            let stream = samples.flatMap(\.bytes)
            var offset = 0
            for sample in samples {
                let result = try stream.withUnsafeBytes { bytes in
                    try direction.reencode(UnsafeRawBufferPointer(rebasing: bytes[offset...]))
                }
                #expect(result?.bytes == sample.bytes)
                offset += result?.size ?? 0
            }
            #expect(offset == stream.count)
        }
    }

    @Test func aFrameSentTheWrongWayIsAnUnknownType() throws {
        for sample in try Samples.all() {
            for direction in Sample.Direction.allCases where direction != sample.direction {
                let violation = #expect(throws: ProtocolViolation.self) {
                    try sample.bytes.withUnsafeBytes { _ = try direction.reencode($0) }
                }
                #expect(violation?.kind == .unknownType, "\(sample.name) read as \(direction)")
            }
        }
    }

    @Test func anInvokesHeadOutlivesItsBuffer() throws {
        var bytes: [UInt8] = []
        try Samples.invoke.append(id: 7, to: &bytes)
        let (head, body): (InvokeHead, [UInt8]) = try bytes.withUnsafeBytes { buffer in
            guard case .invoke(7, let view)? = try GatewayFrame.decode(buffer)?.frame else {
                throw Unexpected()
            }
            #expect(view.headers.first("COOKIE").map { String(decoding: $0, as: UTF8.self) } == "a=b")
            #expect(view.headers.first("cook") == nil)
            return (InvokeHead(copying: view), [UInt8](view.body))
        }
        bytes = Array(repeating: 0xFF, count: bytes.count)

        #expect(head.kind == .http)
        #expect(head.flags == [.idempotent, .retried, .endOfBody])
        #expect(head.remainingMicroseconds == 2_500_000)
        #expect(head[.method] == "POST")
        #expect(head[.path] == "/api/caf%C3%A9/7")
        #expect(head[.query] == "a=1&b=%20&a=2")
        #expect(head[.route] == "/api/{kind}/{id}")
        #expect(head[.requestID] == "0190-abc")
        #expect(head[.traceparent] == Samples.invoke.traceparent)
        #expect(head[.tracestate] == "vendor=1")
        #expect(head[.clientAddress] == "2001:db8::1")
        #expect(head[.function] == "place-order")
        #expect(head.parameters.first("kind") == "café")
        #expect(head.parameters.count == 2)
        #expect(head.headers.count == 5)
        #expect(head.headers.first("HOST") == "shop.example")
        #expect(head.headers.first("x-empty") == "")
        #expect(head.headers.first("absent") == nil)
        #expect(head.headers.all("cookie") == ["a=b", "c=d"])
        #expect(head.headers.strings.map(\.name) == ["host", "Accept", "x-empty", "Cookie", "cookie"])
        #expect(body == Samples.invoke.body)
    }

    @Test func sharedFieldsCanGrowAlone() throws {
        var bytes: [UInt8] = []
        try Samples.invoke.append(id: 7, to: &bytes)
        let head = try bytes.withUnsafeBytes { buffer in
            guard case .invoke(_, let view)? = try GatewayFrame.decode(buffer)?.frame else { throw Unexpected() }
            return InvokeHead(copying: view)
        }
        var parameters = head.parameters
        parameters.append("more", "x")
        #expect(parameters.strings.map(\.value) == ["café", "7", "x"])
        #expect(head.parameters.strings.map(\.value) == ["café", "7"])
        #expect(head.headers.first("host") == "shop.example")
    }

    @Test func anOtherVersionsHelloShowsItsVersion() throws {
        var hello = Samples.hello
        hello.version = 9
        var bytes: [UInt8] = []
        try WorkerFrame.hello(hello).append(to: &bytes)
        try bytes.withUnsafeBytes { buffer in
            guard case .hello(let decoded)? = try WorkerFrame.decode(buffer)?.frame else { throw Unexpected() }
            #expect(decoded.version == 9)
            #expect(decoded.token.isEmpty)
        }
    }

    @Test func aLongMessageIsCutOff() throws {
        let message = String(repeating: "é", count: ProtocolLimits.maximumMessage)
        var bytes: [UInt8] = []
        try WorkerFrame.startFailed(message: message).append(to: &bytes)
        #expect(bytes.count < ProtocolLimits.maximumMessage + 32)
        try bytes.withUnsafeBytes { buffer in
            guard case .startFailed(let decoded)? = try WorkerFrame.decode(buffer)?.frame else { throw Unexpected() }
            #expect(decoded.hasPrefix("éééé"))
        }
    }

    @Test func aFrameThatIsTooLargeLeavesTheBufferAsItWas() throws {
        var bytes: [UInt8] = [1, 2, 3]
        let body = [UInt8](repeating: 0, count: ProtocolLimits.maximumFrame)
        let violation = #expect(throws: ProtocolViolation.self) {
            try body.withUnsafeBytes {
                try WorkerFrame.responseBody(id: 1, isEnd: true, returnsSlot: true, bytes: $0).append(to: &bytes)
            }
        }
        #expect(violation?.kind == .frameTooLarge)
        #expect(bytes == [1, 2, 3])
        var message = Samples.invoke
        message.body = body
        #expect(throws: ProtocolViolation.self) { try message.append(id: 1, to: &bytes) }
        #expect(bytes == [1, 2, 3])
    }
}

struct Unexpected: Error {}
