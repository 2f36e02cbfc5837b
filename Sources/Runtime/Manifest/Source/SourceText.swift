/// The bytes of a manifest, with its lines found once.
package struct SourceText: Sendable {
    /// The file's name as messages show it.
    package let file: String
    /// The whole text, invalid UTF-8 included.
    package let bytes: [UInt8]
    /// Where each line's content stands, its line break left out.
    private let lines: [Range<Int>]

    package init(_ bytes: [UInt8], file: String) {
        // A byte order mark is not content; without it every column of the first line is where editors show it.
        self.bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
        self.file = file
        self.lines = Self.lines(of: self.bytes)
    }

    package init(_ text: String, file: String) {
        self.init(Array(text.utf8), file: file)
    }

    package var lineCount: Int { lines.count }

    /// The line's text without its line break, or nothing when there is no such line.
    package func line(_ number: Int) -> String? {
        guard number >= 1, number <= lines.count else { return nil }
        return String(decoding: bytes[lines[number - 1]], as: UTF8.self)
    }

    /// The offset of the byte at which the line starts.
    package func offset(ofLine number: Int) -> Int? {
        guard number >= 1, number <= lines.count else { return nil }
        return lines[number - 1].lowerBound
    }

    /// The offset of the byte at which the scalar at a position starts.
    package func offset(of position: SourcePosition) -> Int? {
        guard let start = offset(ofLine: position.line), let text = line(position.line) else { return nil }
        let scalars = text.unicodeScalars.prefix(position.column - 1)
        guard scalars.count == position.column - 1 else { return nil }
        return start + scalars.reduce(0) { $0 + UTF8.width($1) }
    }

    /// The position of the scalar that holds the byte at an offset.
    package func position(ofByte offset: Int) -> SourcePosition {
        var low = 0
        var high = lines.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if lines[middle].lowerBound <= offset { low = middle } else { high = middle }
        }
        let before = bytes[lines[low].lowerBound..<max(lines[low].lowerBound, min(offset, bytes.count))]
        return SourcePosition(line: low + 1, column: String(decoding: before, as: UTF8.self).unicodeScalars.count + 1)
    }

    /// The first byte that belongs to no valid UTF-8 sequence.
    package var firstInvalidByte: Int? {
        var codec = UTF8()
        var iterator = bytes.makeIterator()
        var offset = 0
        while true {
            switch codec.decode(&iterator) {
            case .scalarValue(let scalar): offset += UTF8.width(scalar)
            case .emptyInput: return nil
            case .error: return offset
            }
        }
    }

    /// Splits at every line break YAML 1.1 knows, so that lines are counted as the YAML scanner counts them.
    private static func lines(of bytes: [UInt8]) -> [Range<Int>] {
        var lines: [Range<Int>] = []
        var start = 0
        var index = 0
        while index < bytes.count {
            let width = lineBreakWidth(in: bytes, at: index)
            if width > 0 {
                lines.append(start..<index)
                index += width
                start = index
            } else {
                index += 1
            }
        }
        lines.append(start..<bytes.count)
        return lines
    }

    /// How many bytes the line break at an index has: LF, CR, CR LF, NEL, LS or PS; none gives 0.
    private static func lineBreakWidth(in bytes: [UInt8], at index: Int) -> Int {
        func byte(_ offset: Int) -> UInt8? { index + offset < bytes.count ? bytes[index + offset] : nil }
        switch bytes[index] {
        case 0x0A: return 1
        case 0x0D: return byte(1) == 0x0A ? 2 : 1
        case 0xC2: return byte(1) == 0x85 ? 2 : 0
        case 0xE2: return byte(1) == 0x80 && (byte(2) == 0xA8 || byte(2) == 0xA9) ? 3 : 0
        default: return 0
        }
    }
}
