/// Reads bytes front to back; every read says whether there was enough.
struct ByteReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, count <= rest.count else { return nil }
        let taken = rest.prefix(count)
        rest = rest.dropFirst(count)
        return taken
    }

    mutating func integer<Number: FixedWidthInteger>(_ type: Number.Type) -> Number? {
        take(Number.bitWidth / 8).map { Number(littleEndian: $0) }
    }

    /// A number written with half its precision; nothing either where it is none.
    mutating func number() -> Double? {
        guard let pattern = integer(UInt32.self) else { return nil }
        let number = Double(Float(bitPattern: pattern))
        return number.isFinite ? number : nil
    }
}
