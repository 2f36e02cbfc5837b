/// Reads numbers, texts and tables of an ELF file, and never beyond its end.
struct ELFReader {
    let bytes: [UInt8]

    static let loadSegment = 1
    static let dynamicSegment = 2
    static let interpreterSegment = 3

    struct Segment {
        var type: Int
        var offset: Int
        var address: Int
        var fileSize: Int
    }

    /// What of the dynamic section says which libraries are needed and where they are looked for.
    struct DynamicEntries {
        var needed: [String] = []
        var soname: String?
        var searchPath: [String] = []
    }

    func integer(at offset: Int, size: Int) throws(ELFError) -> Int {
        guard offset >= 0, offset <= bytes.count - size else { throw .cutShort }
        var value: UInt64 = 0
        for index in (0..<size).reversed() { value = value << 8 | UInt64(bytes[offset + index]) }
        guard let number = Int(exactly: value) else { throw .cutShort }
        return number
    }

    /// A text that ends with a zero byte, or at a limit.
    func text(at offset: Int, upTo limit: Int) throws(ELFError) -> String {
        guard offset >= 0, offset < min(limit, bytes.count) else { throw .cutShort }
        return String(decoding: bytes[offset..<min(limit, bytes.count)].prefix { $0 != 0 }, as: UTF8.self)
    }

    func segmentTable() throws(ELFError) -> (offset: Int, size: Int, count: Int) {
        let table = (
            offset: try integer(at: 32, size: 8), size: try integer(at: 54, size: 2),
            count: try integer(at: 56, size: 2)
        )
        guard table.size >= 56, table.offset <= bytes.count, table.count * table.size <= bytes.count - table.offset
        else {
            throw .cutShort
        }
        return table
    }

    func segments() throws(ELFError) -> [Segment] {
        let table = try segmentTable()
        var segments: [Segment] = []
        for index in 0..<table.count {
            let start = table.offset + index * table.size
            let segment = Segment(
                type: try integer(at: start, size: 4),
                offset: try integer(at: start + 8, size: 8),
                address: try integer(at: start + 16, size: 8),
                fileSize: try integer(at: start + 32, size: 8)
            )
            // Only what has bytes in the file can end beyond it.
            guard segment.fileSize == 0 || segment.offset <= bytes.count - min(segment.fileSize, bytes.count) else {
                throw .cutShort
            }
            segments.append(segment)
        }
        return segments
    }

    func dynamicEntries(at offset: Int, size: Int, segments: [Segment]) throws(ELFError) -> DynamicEntries {
        var needed: [Int] = []
        var soname: Int?
        var paths: [Int] = []
        var table: (address: Int, size: Int) = (0, 0)
        var index = offset
        scan: while index + 16 <= offset + size {
            let tag = try integer(at: index, size: 8)
            // Values that no 63-bit number holds are of tags that are not looked at.
            let value = (try? integer(at: index + 8, size: 8)) ?? 0
            index += 16
            switch tag {
            case 0: break scan
            case 1: needed.append(value)
            case 5: table.address = value
            case 10: table.size = value
            case 14: soname = value
            case 15, 29: paths.append(value)
            default: break
            }
        }
        guard
            let segment = segments.first(where: {
                $0.type == Self.loadSegment && $0.address <= table.address && table.address - $0.address < $0.fileSize
            })
        else { throw .cutShort }
        let start = segment.offset + table.address - segment.address
        guard start <= bytes.count, table.size <= bytes.count - start else { throw .cutShort }
        var entries = DynamicEntries()
        for name in needed { entries.needed.append(try text(at: start + name, upTo: start + table.size)) }
        entries.soname = try soname.map { (name) throws(ELFError) in
            try text(at: start + name, upTo: start + table.size)
        }
        for path in paths {
            let folders = try text(at: start + path, upTo: start + table.size)
            entries.searchPath += folders.split(separator: ":").map(String.init)
        }
        return entries
    }
}
