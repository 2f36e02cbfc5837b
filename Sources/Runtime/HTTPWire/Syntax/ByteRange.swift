/// A stretch of the bytes it belongs to, in eight bytes.
///
/// An empty range where a value is optional means that the value is absent.
package struct ByteRange: Sendable, Hashable {
    /// The offset of the first byte.
    package let lower: UInt32
    /// The offset behind the last byte.
    package let upper: UInt32

    /// A range that holds nothing.
    package static let empty = ByteRange(0, 0)

    init(_ lower: Int, _ upper: Int) {
        // Heads are bounded by `RequestLimits`, far below four GiB.
        self.lower = UInt32(truncatingIfNeeded: lower)
        self.upper = UInt32(truncatingIfNeeded: upper)
    }

    /// The range as the standard library knows it.
    package var range: Range<Int> { Int(lower)..<Int(upper) }

    /// How many bytes the range holds.
    package var count: Int { Int(upper) - Int(lower) }

    /// Whether the range holds no byte.
    package var isEmpty: Bool { lower == upper }
}

extension UnsafeRawBufferPointer {
    /// The bytes of a range that belongs to this buffer.
    package subscript(range: ByteRange) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: self[range.range])
    }
}
