/// Finds the first byte that is neither visible, obs-text nor a space: a control character ends or spoils a line.
enum LineScanner {
    /// The offset of the first control character at or behind `start`, or `end` when there is none.
    ///
    /// Eight bytes are tested at once. A borrow from a lower byte can only mark a higher one falsely, so the lowest
    /// mark is exact, and only that one is used.
    @inline(__always)
    static func firstControl(in bytes: UnsafeRawPointer, from start: Int, to end: Int) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops: UInt64 = 0x8080_8080_8080_8080
        var offset = start
        while offset &+ 8 <= end {
            let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            let belowSpace = (word &- ones &* 0x20) & ~word
            let delete = word ^ (ones &* 0x7F)
            let marks = (belowSpace | ((delete &- ones) & ~delete)) & tops
            if marks != 0 { return offset &+ marks.trailingZeroBitCount / 8 }
            offset &+= 8
        }
        while offset < end {
            let byte = bytes.load(fromByteOffset: offset, as: UInt8.self)
            if byte < ASCII.space || byte == ASCII.delete { return offset }
            offset &+= 1
        }
        return end
    }
}
