extension [UInt8] {
    /// Appends a text.
    @inline(__always)
    mutating func append(_ text: StaticString) {
        append(contentsOf: UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Appends a number that is not negative in decimal digits.
    mutating func append(decimal number: Int) {
        append(number, base: 10)
    }

    /// Appends a number that is not negative in hexadecimal digits.
    mutating func append(hexadecimal number: Int) {
        append(number, base: 16)
    }

    private mutating func append(_ number: Int, base: Int) {
        let first = count
        var rest = number
        repeat {
            append(ASCII.hexDigit(UInt8(truncatingIfNeeded: rest % base)))
            rest /= base
        } while rest > 0
        self[first...].reverse()
    }

    /// Appends a number below one hundred in two digits.
    mutating func append(twoDigits number: Int) {
        append(ASCII.zero + UInt8(truncatingIfNeeded: number / 10 % 10))
        append(ASCII.zero + UInt8(truncatingIfNeeded: number % 10))
    }
}
