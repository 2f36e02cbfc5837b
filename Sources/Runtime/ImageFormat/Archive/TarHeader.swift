/// The block of 512 bytes before each entry's contents.
struct TarHeader {
    let path: String
    let entry: TarArchive.Entry

    func bytes() throws(TarError) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: 512)
        let (kind, mode, size, target) = facts
        let (prefix, name) = try split(kind == UInt8(ascii: "5") ? path + "/" : path)
        guard target.utf8.count <= 100 else { throw .pathTooLong(target) }
        guard size < 1 << 33 else { throw .fileTooLarge(path) }
        put(Array(name.utf8), at: 0, in: &block)
        put(octal(mode, digits: 7), at: 100, in: &block)
        put(octal(0, digits: 7), at: 108, in: &block)
        put(octal(0, digits: 7), at: 116, in: &block)
        put(octal(size, digits: 11), at: 124, in: &block)
        put(octal(0, digits: 11), at: 136, in: &block)
        block[156] = kind
        put(Array(target.utf8), at: 157, in: &block)
        put(Array("ustar".utf8), at: 257, in: &block)
        put(Array("00".utf8), at: 263, in: &block)
        put(octal(0, digits: 7), at: 329, in: &block)
        put(octal(0, digits: 7), at: 337, in: &block)
        put(Array(prefix.utf8), at: 345, in: &block)
        // The sum is that of the block with spaces in the sum's place.
        put(Array(repeating: UInt8(ascii: " "), count: 8), at: 148, in: &block)
        let sum = block.reduce(0) { $0 + Int($1) }
        put(octal(sum, digits: 6) + [0, UInt8(ascii: " ")], at: 148, in: &block)
        return block
    }

    private var facts: (kind: UInt8, mode: Int, size: Int, target: String) {
        switch entry {
        case .folder(let mode): (UInt8(ascii: "5"), mode, 0, "")
        case .file(let bytes, let mode): (UInt8(ascii: "0"), mode, bytes.count, "")
        case .link(let target): (UInt8(ascii: "2"), 0o777, 0, target)
        }
    }

    /// A path of more than 100 bytes stands in two fields, cut at a slash.
    private func split(_ path: String) throws(TarError) -> (prefix: String, name: String) {
        if path.utf8.count <= 100 { return ("", path) }
        for index in path.indices where path[index] == "/" {
            let (prefix, name) = (path[..<index], path[path.index(after: index)...])
            if prefix.utf8.count <= 155, name.utf8.count <= 100, !name.isEmpty { return (String(prefix), String(name)) }
        }
        throw .pathTooLong(path)
    }

    private func octal(_ number: Int, digits: Int) -> [UInt8] {
        let text = String(number, radix: 8)
        return Array(String(repeating: "0", count: max(0, digits - text.count)).utf8) + Array(text.utf8)
    }

    private func put(_ bytes: [UInt8], at offset: Int, in block: inout [UInt8]) {
        block.replaceSubrange(offset..<offset + bytes.count, with: bytes)
    }
}
