/// Writes a protobuf message's fields, in the order they are given in; what has its default value is left out.
package struct WireWriter {
    private(set) var bytes: [UInt8] = []

    mutating func text(_ number: Int, _ text: String, evenEmpty: Bool = false) {
        guard evenEmpty || !text.isEmpty else { return }
        field(number, Array(text.utf8))
    }

    mutating func integer(_ number: Int, _ value: Int64) {
        guard value != 0 else { return }
        integer(UInt64(number) << 3)
        integer(UInt64(bitPattern: value))
    }

    mutating func double(_ number: Int, _ value: Double) {
        // By its bits: a negative zero is no default value.
        guard value.bitPattern != 0 else { return }
        integer(UInt64(number) << 3 | 1)
        for shift in stride(from: UInt64(0), to: 64, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: value.bitPattern >> shift))
        }
    }

    /// A message within this one; it is there even when it is empty.
    mutating func message(_ number: Int, _ message: some WireMessage) {
        field(number, message.wire)
    }

    private mutating func field(_ number: Int, _ contents: [UInt8]) {
        integer(UInt64(number) << 3 | 2)
        integer(UInt64(contents.count))
        bytes += contents
    }

    private mutating func integer(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
