import Dispatching
import HTTPWire
import NIOCore
import WorkerProtocol

/// The request a connection works on.
struct CurrentRequest {
    let head: RequestHead
    let facts: RequestFacts
    let target: RouteTable.Target
    let parameters: [RouteTable.Parameter]
    /// When the answer must be complete; set when a slot is asked for.
    var deadline = NIODeadline.distantFuture

    /// What has arrived of the body and may still be needed.
    var body = ByteBuffer()
    /// How much of `body` the worker was sent.
    var sent = 0
    var bodyEnded = false
    var endWasSent = false
    /// Body bytes the worker may be sent before it gives credit.
    var window = ProtocolLimits.initialWindow
    /// Whether all of the body is kept until the response begins, so that another worker could have it.
    var isRepeatable = false

    var invocation: InvocationID?
    var worker: WorkerLink?

    /// The response under way.
    var encoder: ResponseEncoder?
    /// Response bytes written whose credit the worker has not got.
    var owedCredit = 0

    /// Appends the invocation to what a worker is sent, with as much of the body as its window allows.
    ///
    /// - Throws: `ProtocolViolation` when the head does not fit a frame.
    mutating func invoke(_ id: InvocationID, isRetry: Bool, to out: inout [UInt8]) throws {
        window = ProtocolLimits.initialWindow
        let size = min(body.readableBytes, window)
        let isWhole = bodyEnded && size == body.readableBytes
        var flags: InvokeFlags = []
        if isWhole { flags.insert(.endOfBody) }
        if head.isIdempotent { flags.insert(.idempotent) }
        if isRetry { flags.insert(.retried) }
        let left = max((deadline - .now()).nanoseconds, 0)
        try write(id, flags: flags, remaining: UInt64(left / 1_000), bodySize: size, to: &out)
        sent = size
        window -= size
        endWasSent = isWhole
        dropSent()
    }

    /// The next part of the body that the worker may be sent, appended as a frame; false when there is none.
    mutating func sendMore(_ id: InvocationID, to out: inout [UInt8]) -> Bool {
        let size = min(body.readableBytes - sent, window)
        let isEnd = bodyEnded && size == body.readableBytes - sent
        guard size > 0 || (isEnd && !endWasSent) else { return false }
        body.withUnsafeReadableBytes { bytes in
            let part = UnsafeRawBufferPointer(rebasing: bytes[sent..<sent + size])
            // A window is smaller than a frame.
            try? GatewayFrame.requestBody(id: id.raw, isEnd: isEnd, bytes: part).append(to: &out)
        }
        sent += size
        window -= size
        endWasSent = isEnd
        dropSent()
        return true
    }

    /// From here on no other worker can have the invocation.
    mutating func forgetRepeating() {
        isRepeatable = false
        dropSent()
    }

    private mutating func dropSent() {
        guard !isRepeatable else { return }
        body.moveReaderIndex(forwardBy: sent)
        sent = 0
        if body.readableBytes == 0 { body.clear() }
    }

    private func write(
        _ id: InvocationID,
        flags: InvokeFlags,
        remaining: UInt64,
        bodySize: Int,
        to out: inout [UInt8]
    ) throws {
        try body.withUnsafeReadableBytes { body in
            try head.bytes.withUnsafeBytes { raw in
                try facts.bytes.withUnsafeBytes { own in
                    try target.texts.withUnsafeBytes { texts in
                        var writer = InvokeWriter(
                            id: id.raw,
                            flags: flags,
                            remainingMicroseconds: remaining,
                            texts: InvokeTexts(
                                method: raw[head.method],
                                path: raw[head.rawPath],
                                query: raw[head.query],
                                route: UnsafeRawBufferPointer(rebasing: texts[..<target.patternEnd]),
                                requestID: UnsafeRawBufferPointer(rebasing: own[facts.requestID]),
                                traceparent: UnsafeRawBufferPointer(rebasing: own[facts.traceparent]),
                                tracestate: raw[head.tracestate],
                                clientAddress: UnsafeRawBufferPointer(rebasing: own[facts.clientAddress]),
                                function: UnsafeRawBufferPointer(rebasing: texts[target.patternEnd...])
                            ),
                            to: &out
                        )
                        for parameter in parameters {
                            parameter.name.withUnsafeBytes { name in
                                parameter.value.withUnsafeBytes { writer.parameter(name, $0, to: &out) }
                            }
                        }
                        for field in head.fields where !field.isHopByHop {
                            // An absolute target's authority replaces the Host (RFC 9112 §3.2.2).
                            let value = field.kind == .host ? head.authority : field.value
                            writer.header(raw[field.name], raw[value], to: &out)
                        }
                        try writer.finish(body: UnsafeRawBufferPointer(rebasing: body[..<bodySize]), to: &out)
                    }
                }
            }
        }
    }
}
