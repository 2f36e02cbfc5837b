/// Where an invocation stands in a distributed trace (W3C Trace Context, level 1).
public struct TraceContext: Hashable, Sendable {
    /// The trace's id: 16 bytes, not all zero.
    public let traceID: TraceID
    /// The id of the span that called: 8 bytes, not zero.
    public let spanID: UInt64
    /// The trace flags; the lowest bit says that the caller records the trace.
    public let flags: UInt8
    /// The `tracestate` of vendors, checked, or empty.
    public let state: String

    /// Whether the caller records the trace.
    public var isSampled: Bool { flags & 1 != 0 }

    /// A trace that begins here; nil when an id is zero, which the standard forbids.
    public init?(traceID: TraceID, spanID: UInt64, isSampled: Bool) {
        guard traceID != TraceID(high: 0, low: 0), spanID != 0 else { return nil }
        self.init(traceID: traceID, spanID: spanID, flags: isSampled ? 1 : 0, state: "")
    }

    private init(traceID: TraceID, spanID: UInt64, flags: UInt8, state: String) {
        self.traceID = traceID
        self.spanID = spanID
        self.flags = flags
        self.state = state
    }

    /// Reads the headers of a request; nil when `traceparent` is missing or malformed.
    ///
    /// A malformed `tracestate` is left out, as the standard asks; the trace goes on.
    public init?(traceparent: some Sequence<UInt8>, tracestate: String = "") {
        let text = Array(traceparent)
        guard text.count >= 55, text[2] == UInt8(ascii: "-"), text[35] == UInt8(ascii: "-"),
            text[52] == UInt8(ascii: "-"),
            let version = Hex.value(text[0..<2]), version != 0xFF,
            // Later versions may go on after the flags; version 0 may not.
            text.count == 55 || (version > 0 && text[55] == UInt8(ascii: "-")),
            let high = Hex.value(text[3..<19]), let low = Hex.value(text[19..<35]), high | low != 0,
            let span = Hex.value(text[36..<52]), span != 0,
            let flags = Hex.value(text[53..<55])
        else { return nil }
        self.init(
            traceID: TraceID(high: high, low: low),
            spanID: span,
            // Only the bit this version defines is passed on.
            flags: UInt8(truncatingIfNeeded: flags) & 1,
            state: TraceState.isValid(tracestate) ? tracestate : ""
        )
    }

    /// The same trace seen from a new span under this one; nil when `spanID` is 0.
    public func child(spanID: UInt64) -> TraceContext? {
        guard spanID != 0 else { return nil }
        return TraceContext(traceID: traceID, spanID: spanID, flags: flags, state: state)
    }

    /// The value of the `traceparent` header.
    public var traceparent: String {
        "00-\(traceID)-\(Hex.text(spanID))-\(Hex.text(flags))"
    }
}

/// The id of a trace: 16 bytes, written as 32 hexadecimal digits.
public struct TraceID: Hashable, Sendable, CustomStringConvertible {
    /// The first eight bytes.
    public let high: UInt64
    /// The last eight bytes.
    public let low: UInt64

    /// Puts the two halves together.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// 32 lower-case hexadecimal digits.
    public var description: String { Hex.text(high) + Hex.text(low) }
}

enum Hex {
    /// The number that lower-case hexadecimal digits write; nil for anything else.
    static func value(_ digits: ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for digit in digits {
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt64(digit - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt64(digit - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        return value
    }

    /// All digits of a number, zeros in front included.
    static func text<Number: FixedWidthInteger & UnsignedInteger>(_ number: Number) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: Number.bitWidth / 4 - digits.utf8.count) + digits
    }
}
