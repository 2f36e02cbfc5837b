/// The children by literal of all nodes, in one open-addressed hash table.
///
/// Its keys are the operator's routes. A request only looks up, so hostile paths can not make the chains any longer,
/// and the hash needs no secret.
struct LiteralTable: Sendable {
    private struct Entry: Sendable {
        var parent: Int32 = -1
        var child: Int32 = -1
        var textStart: Int32 = 0
        var textCount: Int32 = 0
    }

    private var entries: [Entry]
    private var text: [UInt8] = []
    private var used = 0

    init() {
        entries = Array(repeating: Entry(), count: 16)
    }

    /// The child of a node for a segment, or nil.
    func child(of parent: Int, _ segment: UnsafeRawBufferPointer) -> Int? {
        let mask = entries.count - 1
        var slot = Self.hash(parent, segment) & mask
        while true {
            let entry = entries[slot]
            if entry.child < 0 { return nil }
            if Int(entry.parent) == parent, Int(entry.textCount) == segment.count, hasText(entry, segment) {
                return Int(entry.child)
            }
            slot = (slot + 1) & mask
        }
    }

    private func hasText(_ entry: Entry, _ segment: UnsafeRawBufferPointer) -> Bool {
        let start = Int(entry.textStart)
        for offset in 0..<segment.count where text[start + offset] != segment[offset] { return false }
        return true
    }

    /// Adds a child that the node does not have yet.
    mutating func insert(_ child: Int, of parent: Int, _ segment: [UInt8]) {
        if (used + 1) * 2 > entries.count { grow() }
        let entry = Entry(
            parent: Int32(parent),
            child: Int32(child),
            textStart: Int32(text.count),
            textCount: Int32(segment.count)
        )
        text += segment
        place(entry)
        used += 1
    }

    private mutating func place(_ entry: Entry) {
        let mask = entries.count - 1
        let range = Int(entry.textStart)..<Int(entry.textStart) + Int(entry.textCount)
        var slot = text[range].withUnsafeBytes { Self.hash(Int(entry.parent), $0) } & mask
        while entries[slot].child >= 0 { slot = (slot + 1) & mask }
        entries[slot] = entry
    }

    private mutating func grow() {
        let old = entries
        entries = Array(repeating: Entry(), count: old.count * 2)
        for entry in old where entry.child >= 0 { place(entry) }
    }

    private static func hash(_ parent: Int, _ segment: UnsafeRawBufferPointer) -> Int {
        let factor: UInt64 = 0x9E37_79B9_7F4A_7C15
        var hash = UInt64(truncatingIfNeeded: parent &+ 1) &* factor ^ UInt64(truncatingIfNeeded: segment.count)
        var offset = 0
        while offset + 8 <= segment.count {
            let word = UInt64(littleEndian: segment.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            hash = (hash ^ word) &* factor
            hash ^= hash >> 29
            offset += 8
        }
        var tail: UInt64 = 0
        while offset < segment.count {
            tail = tail << 8 | UInt64(segment[offset])
            offset += 1
        }
        hash = (hash ^ tail) &* factor
        hash ^= hash >> 32
        return Int(truncatingIfNeeded: hash)
    }
}
