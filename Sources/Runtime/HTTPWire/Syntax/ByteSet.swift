/// A set of ASCII bytes, tested without a branch on the byte's value.
struct ByteSet: Sendable {
    /// Bit n stands for byte n.
    let low: UInt64
    /// Bit n stands for byte 64 + n.
    let high: UInt64

    @inline(__always)
    func contains(_ byte: UInt8) -> Bool {
        let word = byte & 0x40 == 0 ? low : high
        return byte < 0x80 && (word >> UInt64(byte & 0x3F)) & 1 == 1
    }

    // The tests walk through all 256 bytes in each place where one of these sets decides.

    /// `tchar` of RFC 9110 §5.6.2: what methods and field names consist of.
    @inline(__always)
    static var token: ByteSet { ByteSet(low: 0x03FF_6CFA_0000_0000, high: 0x57FF_FFFF_C7FF_FFFE) }

    /// `unreserved` of RFC 3986 §2.3.
    @inline(__always)
    static var unreserved: ByteSet { ByteSet(low: 0x03FF_6000_0000_0000, high: 0x47FF_FFFE_87FF_FFFE) }

    /// `pchar` of RFC 3986 §3.3 and the slash, without the percent sign.
    @inline(__always)
    static var path: ByteSet { ByteSet(low: 0x2FFF_FFD2_0000_0000, high: 0x47FF_FFFE_87FF_FFFF) }

    /// `[ ] ^ |`: not allowed in a path by RFC 3986, yet sent unescaped by browsers (WHATWG URL).
    @inline(__always)
    static var pathTolerated: ByteSet { ByteSet(low: 0, high: 0x1000_0000_6800_0000) }

    /// `query` of RFC 3986 §3.4, the percent sign and what browsers leave unescaped: `[ ] { } | ^ \ ` and `` ` ``.
    @inline(__always)
    static var query: ByteSet { ByteSet(low: 0xAFFF_FFF2_0000_0000, high: 0x7FFF_FFFF_FFFF_FFFF) }

    /// `reg-name` of RFC 3986 §3.2.2 without the percent sign.
    @inline(__always)
    static var registeredName: ByteSet { ByteSet(low: 0x2BFF_7FD2_0000_0000, high: 0x47FF_FFFE_87FF_FFFE) }

    /// What stands within the brackets of an IPv6 literal.
    @inline(__always)
    static var addressLiteral: ByteSet { ByteSet(low: 0x07FF_4000_0000_0000, high: 0x0000_007E_0000_007E) }
}
