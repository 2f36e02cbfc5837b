/// A time zone's differences from UTC, as a file of the IANA database has them (TZif, RFC 9636).
package struct ZoneRules: Hashable, Sendable {
    /// From which second since 1970 UTC on which offset holds, in the order of time.
    private var changes: [(at: Int, offset: Int)] = []
    /// What held before the first change.
    private let first: Int
    /// What holds after the last change; nothing where the last offset stays.
    private let rule: YearlyRule?

    /// Reads a file's bytes.
    ///
    /// - Throws: ``ZoneFileError`` where they are no such file.
    package init(_ bytes: [UInt8]) throws(ZoneFileError) {
        var reader = ZoneFileReader(bytes)
        var header = try reader.header()
        var width = 4
        if header.version >= 2 {
            // What version 1 has to say in 32 bits stands again after it, in 64.
            try reader.skip(header.size(width: 4))
            header = try reader.header()
            width = 8
        }
        var times: [Int] = []
        for _ in 0..<header.changes { times.append(try reader.integer(width)) }
        var types: [Int] = []
        for _ in 0..<header.changes { types.append(try reader.integer(1)) }
        var offsets: [Int] = []
        for _ in 0..<header.types {
            offsets.append(try reader.integer(4))
            try reader.skip(2)
        }
        guard let first = offsets.first, types.allSatisfy({ offsets.indices.contains($0) }),
            zip(times, times.dropFirst()).allSatisfy({ $0 < $1 })
        else { throw .damaged }
        try reader.skip(header.sizeAfterTypes(width: width))
        self.first = first
        changes = zip(times, types).map { (at: $0, offset: offsets[$1]) }
        let text = width == 8 ? try reader.footer() : ""
        guard !text.isEmpty else {
            rule = nil
            return
        }
        guard let rule = YearlyRule(text) else { throw .unknownRule(text) }
        self.rule = rule
    }

    /// The difference from UTC in seconds at a second since 1970 UTC.
    package func offset(at second: Int) -> Int {
        guard let last = changes.last else { return rule?.offset(at: second) ?? first }
        if second >= last.at { return rule?.offset(at: second) ?? last.offset }
        var low = 0
        var high = changes.count
        while low < high {
            let middle = (low + high) / 2
            if changes[middle].at <= second { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? first : changes[low - 1].offset
    }

    package static func == (lhs: ZoneRules, rhs: ZoneRules) -> Bool {
        lhs.first == rhs.first && lhs.rule == rhs.rule && lhs.changes.elementsEqual(rhs.changes, by: ==)
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(first)
        hasher.combine(rule)
        hasher.combine(changes.count)
    }
}

/// Why a file is no time zone.
package enum ZoneFileError: Error, Hashable, CustomStringConvertible {
    case notTZif
    case cutShort
    case damaged
    /// A rule for the years to come that is none of POSIX.
    case unknownRule(String)

    package var description: String {
        switch self {
        case .notTZif: "it is no file of a time zone (TZif)"
        case .cutShort: "it is cut short"
        case .damaged: "its parts contradict each other"
        case .unknownRule(let text): "its rule for the years to come is not understood: \(text)"
        }
    }
}

/// Reads the parts of a TZif file, and never beyond its end.
private struct ZoneFileReader {
    struct Header {
        var version: Int
        var changes: Int
        var types: Int
        var characters: Int
        var leapSeconds: Int
        var standard: Int
        var universal: Int

        func sizeAfterTypes(width: Int) -> Int { characters + leapSeconds * (width + 4) + standard + universal }
        func size(width: Int) -> Int { changes * (width + 1) + types * 6 + sizeAfterTypes(width: width) }
    }

    private let bytes: [UInt8]
    private var index = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func header() throws(ZoneFileError) -> Header {
        guard bytes[index...].starts(with: "TZif".utf8) else { throw .notTZif }
        try skip(4)
        let version = try integer(1)
        try skip(15)
        let universal = try integer(4)
        let standard = try integer(4)
        let leapSeconds = try integer(4)
        let changes = try integer(4)
        let types = try integer(4)
        let characters = try integer(4)
        guard [universal, standard, leapSeconds, changes, types, characters].allSatisfy({ $0 >= 0 }) else {
            throw .damaged
        }
        return Header(
            // A digit, or zero for the first version.
            version: max(version - Int(UInt8(ascii: "0")), 1),
            changes: changes,
            types: types,
            characters: characters,
            leapSeconds: leapSeconds,
            standard: standard,
            universal: universal
        )
    }

    mutating func skip(_ count: Int) throws(ZoneFileError) {
        guard count <= bytes.count - index else { throw .cutShort }
        index += count
    }

    /// A big-endian number, signed unless it is a byte.
    mutating func integer(_ width: Int) throws(ZoneFileError) -> Int {
        let start = index
        try skip(width)
        let value = bytes[start..<index].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        switch width {
        case 4: return Int(Int32(truncatingIfNeeded: value))
        case 8: return Int(Int64(bitPattern: value))
        default: return Int(value)
        }
    }

    /// The rule between two line ends after the second block.
    mutating func footer() throws(ZoneFileError) -> String {
        let newline = UInt8(ascii: "\n")
        guard try integer(1) == Int(newline), let end = bytes[index...].firstIndex(of: newline) else {
            throw .cutShort
        }
        return String(decoding: bytes[index..<end], as: UTF8.self)
    }
}
