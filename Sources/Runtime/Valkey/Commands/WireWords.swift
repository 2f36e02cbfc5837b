/// The words of a command, found again in the form in which it is sent.
struct WireWords {
    private let wire: [UInt8]
    private let ranges: [Range<Int>]

    init(_ wire: [UInt8]) {
        self.wire = wire
        var ranges: [Range<Int>] = []
        var index = 0
        func number() -> Int {
            // Behind "*" or "$", up to the line's end; the form is the command's own and so right.
            index += 1
            var value = 0
            while wire[index] != UInt8(ascii: "\r") {
                value = value * 10 + Int(wire[index] - UInt8(ascii: "0"))
                index += 1
            }
            index += 2
            return value
        }
        let count = number()
        ranges.reserveCapacity(count)
        for _ in 0..<count {
            let length = number()
            ranges.append(index..<(index + length))
            index += length + 2
        }
        self.ranges = ranges
    }

    var count: Int { ranges.count }

    func text(_ word: Int) -> String { String(decoding: wire[ranges[word]], as: UTF8.self) }

    func bytes(_ word: Int) -> ArraySlice<UInt8> { wire[ranges[word]] }

    func slot(_ word: Int) -> HashSlot {
        wire.withUnsafeBytes { HashSlot(of: UnsafeRawBufferPointer(rebasing: $0[ranges[word]])) }
    }
}
