/// A protobuf message.
///
/// Fields it does not know, or that have another type than it expects, are passed over, as later versions of a protocol
/// need; of a field that stands twice the last one counts, and messages are merged.
package protocol WireMessage: Hashable, Sendable {
    /// The message in which every field has its default value.
    init()

    /// Takes up a field that was read.
    mutating func read(_ field: WireField) throws(WireError)

    /// Writes the fields that do not have their default values.
    func write(to writer: inout WireWriter)
}

extension WireMessage {
    /// Reads a message.
    package init(wire bytes: [UInt8]) throws(WireError) {
        self.init()
        try merge(bytes[...])
    }

    /// The message's bytes; equal messages have equal ones.
    package var wire: [UInt8] {
        var writer = WireWriter()
        write(to: &writer)
        return writer.bytes
    }

    /// Takes up all fields of a message's bytes.
    mutating func merge(_ bytes: ArraySlice<UInt8>) throws(WireError) {
        var reader = WireReader(bytes)
        while let field = try reader.next() { try read(field) }
    }
}
