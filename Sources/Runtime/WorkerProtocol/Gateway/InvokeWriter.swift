/// Writes an invoke frame field by field, straight from byte slices.
///
/// Order: `init`, then every parameter, then every header, then `finish`. Nothing else may be appended to the
/// buffer in between.
package struct InvokeWriter: ~Copyable {
    private let frame: PayloadWriter
    private let start: Int
    private var parameters = 0
    private var headers = 0
    private var parametersEnd: Int
    private let textsEnd: Int

    package init(
        id: UInt32,
        kind: InvocationKind = .http,
        flags: InvokeFlags,
        remainingMicroseconds: UInt64,
        texts: InvokeTexts,
        to buffer: inout [UInt8]
    ) {
        frame = PayloadWriter(FrameType.invoke, id: id, to: &buffer)
        start = buffer.count
        let list = (
            texts.method, texts.path, texts.query, texts.route, texts.requestID, texts.traceparent, texts.tracestate,
            texts.clientAddress, texts.function
        )
        var size = InvokeLayout.fixed
        size += list.0.count + list.1.count + list.2.count + list.3.count + list.4.count
        size += list.5.count + list.6.count + list.7.count + list.8.count
        buffer.append(addingCapacity: size) { span in
            span.append(kind.rawValue)
            span.append(flags.rawValue)
            span.append(little: UInt32(0))
            span.append(little: remainingMicroseconds)
            span.append(little: UInt32(truncatingIfNeeded: list.0.count))
            span.append(little: UInt32(truncatingIfNeeded: list.1.count))
            span.append(little: UInt32(truncatingIfNeeded: list.2.count))
            span.append(little: UInt32(truncatingIfNeeded: list.3.count))
            span.append(little: UInt32(truncatingIfNeeded: list.4.count))
            span.append(little: UInt32(truncatingIfNeeded: list.5.count))
            span.append(little: UInt32(truncatingIfNeeded: list.6.count))
            span.append(little: UInt32(truncatingIfNeeded: list.7.count))
            span.append(little: UInt32(truncatingIfNeeded: list.8.count))
            span.append(little: UInt64(0))
            span.append(raw: list.0)
            span.append(raw: list.1)
            span.append(raw: list.2)
            span.append(raw: list.3)
            span.append(raw: list.4)
            span.append(raw: list.5)
            span.append(raw: list.6)
            span.append(raw: list.7)
            span.append(raw: list.8)
        }
        textsEnd = buffer.count
        parametersEnd = buffer.count
    }

    /// Adds a path parameter with its percent-decoded value.
    package mutating func parameter(
        _ name: UnsafeRawBufferPointer,
        _ value: UnsafeRawBufferPointer,
        to buffer: inout [UInt8]
    ) {
        buffer.append(field: name, value)
        parameters += 1
        parametersEnd = buffer.count
    }

    package mutating func header(
        _ name: UnsafeRawBufferPointer,
        _ value: UnsafeRawBufferPointer,
        to buffer: inout [UInt8]
    ) {
        buffer.append(field: name, value)
        headers += 1
    }

    /// Adds a list of headers that is already in the wire's form.
    package mutating func headers(_ fields: FieldsView, to buffer: inout [UInt8]) {
        buffer.append(contentsOf: fields.bytes)
        headers += fields.count
    }

    /// Adds the body's first bytes and completes the frame.
    ///
    /// - Throws: `ProtocolViolation` when the frame is too large; the buffer is then as before `init`.
    package consuming func finish(
        body: UnsafeRawBufferPointer,
        to buffer: inout [UInt8]
    ) throws(ProtocolViolation) {
        guard let parameters = UInt16(exactly: parameters), let headers = UInt16(exactly: headers) else {
            frame.abandon(&buffer)
            throw ProtocolViolation(.badValue, frame: FrameType.invoke, "more than \(UInt16.max) fields")
        }
        buffer.patch(parameters, at: start + InvokeLayout.parameterCount)
        buffer.patch(headers, at: start + InvokeLayout.headerCount)
        buffer.patch(UInt32(truncatingIfNeeded: parametersEnd - textsEnd), at: start + InvokeLayout.parameterBytes)
        buffer.patch(UInt32(truncatingIfNeeded: buffer.count - parametersEnd), at: start + InvokeLayout.headerBytes)
        frame.bytes(body, to: &buffer)
        try frame.finish(&buffer)
    }
}
