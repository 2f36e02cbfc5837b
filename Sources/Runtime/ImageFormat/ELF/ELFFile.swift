/// What the loader reads of an executable or a shared library (System V ABI, ELF-64, little-endian).
package struct ELFFile: Sendable {
    /// The processor it is made for.
    package let machine: Machine
    /// The loader that starts it; a library has none, nor has a program that is linked wholly statically.
    package let interpreter: String?
    /// The libraries it asks for, in order.
    package let needed: [String]
    /// The name other files ask for it by.
    package let soname: String?
    /// Folders it wants its libraries looked for in; may hold `$ORIGIN`.
    package let searchPath: [String]
    /// Where what the loader maps ends; symbols and debug information stand behind it.
    private let loadedEnd: Int
    private let bytes: [UInt8]

    /// The processors images are made for.
    package enum Machine: UInt16, Sendable, CaseIterable {
        case amd64 = 62
        case arm64 = 183
        case riscv64 = 243

        /// As `GOARCH` and with it the OCI image specification names it.
        package var architecture: String {
            switch self {
            case .amd64: "amd64"
            case .arm64: "arm64"
            case .riscv64: "riscv64"
            }
        }
    }

    /// Reads the program headers.
    ///
    /// - Throws: ``ELFError`` for what is no such file, or is cut short.
    package init(_ bytes: [UInt8]) throws(ELFError) {
        let reader = ELFReader(bytes: bytes)
        guard bytes.count >= 64, bytes[0..<4] == [0x7F, 0x45, 0x4C, 0x46] else { throw .notELF }
        guard bytes[4] == 2, bytes[5] == 1 else { throw .unsupported("only 64 bits, little-endian, are understood") }
        guard let machine = Machine(rawValue: UInt16(try reader.integer(at: 18, size: 2))) else {
            throw .unsupported("it is made for a processor that images are not made for")
        }
        let segments = try reader.segments()
        var interpreter: String?
        var dynamic: (offset: Int, size: Int)?
        for segment in segments {
            switch segment.type {
            case ELFReader.interpreterSegment:
                interpreter = try reader.text(at: segment.offset, upTo: segment.offset + segment.fileSize)
            case ELFReader.dynamicSegment: dynamic = (segment.offset, segment.fileSize)
            default: break
            }
        }
        let entries = try dynamic.map { (place) throws(ELFError) in
            try reader.dynamicEntries(at: place.offset, size: place.size, segments: segments)
        }
        self.machine = machine
        self.interpreter = interpreter
        needed = entries?.needed ?? []
        soname = entries?.soname
        searchPath = entries?.searchPath ?? []
        let table = try reader.segmentTable()
        loadedEnd = segments.reduce(table.offset + table.count * table.size) { max($0, $1.offset + $1.fileSize) }
        guard loadedEnd <= bytes.count else { throw .cutShort }
        self.bytes = bytes
    }

    /// The file without what only debuggers and linkers read: the same process, a fraction of the bytes.
    package var stripped: [UInt8] {
        var kept = Array(bytes[..<loadedEnd])
        // e_shoff, then e_shnum and e_shstrndx: there is no table of sections any more.
        for index in 40..<48 { kept[index] = 0 }
        for index in 60..<64 { kept[index] = 0 }
        return kept
    }
}

/// Why a file is not read.
package enum ELFError: Error, Equatable, CustomStringConvertible {
    case notELF
    case unsupported(String)
    case cutShort

    package var description: String {
        switch self {
        case .notELF: "it is no executable for Linux (ELF)"
        case .unsupported(let what): what
        case .cutShort: "it is cut short"
        }
    }
}
