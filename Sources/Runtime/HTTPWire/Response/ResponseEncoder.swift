/// Writes one response: status line, fields, and the framing of its body (RFC 9112 §4 to §7).
///
/// The order of calls is `init`, `field` for each field, `endHead`, `body` for each part, `end`. The encoder decides
/// the framing and writes `Content-Length`, `Transfer-Encoding`, `Connection` and `Date` itself; those and the other
/// hop-by-hop fields of the handler are dropped, but for a `Content-Length`, which is checked against the body. When a
/// call before `endHead` throws, the output is as it was before the response, so that another can take its place.
package struct ResponseEncoder: Sendable {
    /// How the body is delimited; final once `endHead` was called.
    package private(set) var framing: ResponseFraming
    /// Whether the connection may serve another request behind this response; final once `endHead` was called.
    package private(set) var keepsAlive: Bool

    private let start: Int
    private let terms: ResponseTerms
    private let status: Int
    private let length: ResponseLength
    private var declaredLength: Int?
    private var sent = 0

    /// Begins a response with its status line and date.
    ///
    /// The date is the current one as `HTTPDate` formats it; format it once a second, not once a response.
    /// - Throws: `invalidStatus` unless the status is from 200 to 599.
    package init(
        status: Int,
        length: ResponseLength,
        terms: ResponseTerms,
        date: [UInt8],
        into output: inout [UInt8]
    ) throws(ResponseViolation) {
        guard 200...599 ~= status else { throw .invalidStatus(status) }
        start = output.count
        self.terms = terms
        self.status = status
        self.length = length
        framing = .none
        keepsAlive = terms.keepsAlive
        StatusLine.append(status, to: &output)
        output.append("Date: ")
        output.append(contentsOf: date)
        output.append("\r\n")
    }

    /// Whether the response can have no body whatever the handler gave (RFC 9110 §6.4.1).
    private var isBodiless: Bool { terms.isHead || status == 204 || status == 205 || status == 304 }

    /// Appends a field of the handler.
    ///
    /// - Throws: `invalidFieldName` or `invalidFieldValue`; `invalidContentLength` when that field is no number, comes
    ///   twice, or differs from the known length of a body that is sent.
    package mutating func field(
        _ name: UnsafeRawBufferPointer,
        _ value: UnsafeRawBufferPointer,
        into output: inout [UInt8]
    ) throws(ResponseViolation) {
        guard Self.isToken(name) else { throw violation(.invalidFieldName, &output) }
        guard Self.isValue(value) else { throw violation(.invalidFieldValue, &output) }
        switch OwnField(name: name) {
        case .contentLength:
            guard declaredLength == nil, let declared = Self.number(value) else {
                throw violation(.invalidContentLength, &output)
            }
            if case .known(let count) = length, !isBodiless, declared != count {
                throw violation(.invalidContentLength, &output)
            }
            declaredLength = declared
        case .dropped:
            break
        case nil:
            output.append(contentsOf: name)
            output.append(": ")
            output.append(contentsOf: value)
            output.append("\r\n")
        }
    }

    /// Ends the head: decides the framing and writes the fields that say it.
    package mutating func endHead(into output: inout [UInt8]) {
        var announced: Int?
        if status == 204 {
            framing = .none
        } else if status == 205 {
            framing = .none
            announced = 0
        } else if isBodiless {
            // What GET would have answered, where it is known (RFC 9110 §8.6).
            framing = .none
            announced = declaredLength
            if announced == nil, status != 304, case .known(let count) = length { announced = count }
        } else {
            switch length {
            case .known(let count):
                framing = .contentLength(count)
                announced = count
            case .streamed:
                if let declaredLength {
                    framing = .contentLength(declaredLength)
                    announced = declaredLength
                } else if terms.version == .http11 {
                    framing = .chunked
                    output.append("Transfer-Encoding: chunked\r\n")
                } else {
                    framing = .untilClose
                    keepsAlive = false
                }
            }
        }
        if let announced {
            output.append("Content-Length: ")
            output.append(decimal: announced)
            output.append("\r\n")
        }
        if !keepsAlive {
            output.append("Connection: close\r\n")
        } else if terms.version == .http10 {
            output.append("Connection: keep-alive\r\n")
        }
        output.append("\r\n")
    }

    /// Appends a part of the body with its framing; nothing where no body may be sent.
    ///
    /// - Throws: `bodyTooLong` when the part exceeds the announced length; close the connection, since part of the
    ///   response may be on its way.
    package mutating func body(_ part: UnsafeRawBufferPointer, into output: inout [UInt8]) throws(ResponseViolation) {
        guard try beginPart(count: part.count, into: &output) else { return }
        output.append(contentsOf: part)
        endPart(into: &output)
    }

    /// Appends what stands before a part of the body, for a caller that sends the part itself.
    ///
    /// Answers whether to send the part, and then `endPart`; false for an empty part and where no body may be sent.
    /// - Throws: `bodyTooLong`, as `body` does.
    package mutating func beginPart(count: Int, into output: inout [UInt8]) throws(ResponseViolation) -> Bool {
        guard count > 0 else { return false }
        switch framing {
        case .none:
            return false
        case .contentLength(let announced):
            guard count <= announced - sent else {
                keepsAlive = false
                throw .bodyTooLong
            }
        case .chunked:
            output.append(hexadecimal: count)
            output.append("\r\n")
        case .untilClose:
            break
        }
        sent += count
        return true
    }

    /// Appends what stands behind a part of the body.
    package func endPart(into output: inout [UInt8]) {
        if case .chunked = framing { output.append("\r\n") }
    }

    /// Ends the response.
    ///
    /// - Throws: `bodyTooShort` when less came than was announced; close the connection, so that the client notices.
    package mutating func end(into output: inout [UInt8]) throws(ResponseViolation) {
        switch framing {
        case .none, .untilClose:
            break
        case .contentLength(let announced):
            guard sent == announced else {
                keepsAlive = false
                throw .bodyTooShort
            }
        case .chunked:
            output.append("0\r\n\r\n")
        }
    }

    /// The interim answer to a request that expects it (RFC 9110 §15.2.1).
    package static let `continue` = [UInt8]("HTTP/1.1 100 Continue\r\n\r\n".utf8)

    private func violation(_ violation: ResponseViolation, _ output: inout [UInt8]) -> ResponseViolation {
        output.removeSubrange(start...)
        return violation
    }
}

/// The fields that the encoder does not copy.
private enum OwnField {
    case contentLength
    case dropped

    init?(name: UnsafeRawBufferPointer) {
        let isOwn =
            switch name.count {
            case 2: name.equalsIgnoringCase("te")
            case 4: name.equalsIgnoringCase("date")
            case 7: name.equalsIgnoringCase("trailer") || name.equalsIgnoringCase("upgrade")
            case 10: name.equalsIgnoringCase("connection") || name.equalsIgnoringCase("keep-alive")
            case 14: name.equalsIgnoringCase("content-length")
            case 16: name.equalsIgnoringCase("proxy-connection")
            case 17: name.equalsIgnoringCase("transfer-encoding")
            default: false
            }
        guard isOwn else { return nil }
        self = name.count == 14 ? .contentLength : .dropped
    }
}

extension ResponseEncoder {
    private static func isToken(_ name: UnsafeRawBufferPointer) -> Bool {
        for byte in name where !ByteSet.token.contains(byte) { return false }
        return !name.isEmpty
    }

    private static func isValue(_ value: UnsafeRawBufferPointer) -> Bool {
        guard let base = value.baseAddress else { return true }
        var offset = 0
        while true {
            offset = LineScanner.firstControl(in: base, from: offset, to: value.count)
            guard offset < value.count else { return true }
            guard value[offset] == ASCII.tab else { return false }
            offset += 1
        }
    }

    private static func number(_ value: UnsafeRawBufferPointer) -> Int? {
        guard 1...18 ~= value.count else { return nil }
        var number = 0
        for byte in value {
            guard ASCII.isDigit(byte) else { return nil }
            number = number * 10 + Int(byte - ASCII.zero)
        }
        return number
    }
}
