/// Whether two texts are the same when ASCII letters count without regard to case.
package func asciiEqual(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
    guard left.count == right.count else { return false }
    for index in 0..<left.count where lowered(left[index]) != lowered(right[index]) {
        return false
    }
    return true
}

/// Whether two texts are the same when ASCII letters count without regard to case.
package func asciiEqual(_ left: UnsafeRawBufferPointer, _ right: String) -> Bool {
    var right = right
    return right.withUTF8 { asciiEqual(left, UnsafeRawBufferPointer($0)) }
}

private func lowered(_ byte: UInt8) -> UInt8 {
    byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
}
