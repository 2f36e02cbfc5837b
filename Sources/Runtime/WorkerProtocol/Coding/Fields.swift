/// A list of (name, value) pairs inside somebody else's bytes: headers or path parameters, in order.
///
/// Each field is: name's length (4 bytes, little-endian), value's length (4 bytes), name, value. The bytes
/// were checked when the view was made, so walking it cannot leave them. Valid as long as the buffer is.
package struct FieldsView: Sequence {
    package typealias Element = (name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer)

    /// The fields as they stand on the wire.
    package let bytes: UnsafeRawBufferPointer
    /// How many fields there are.
    package let count: Int

    /// No fields.
    package init() {
        bytes = UnsafeRawBufferPointer(start: nil, count: 0)
        count = 0
    }

    /// Takes bytes that are known to hold exactly `count` fields.
    init(checked bytes: UnsafeRawBufferPointer, count: Int) {
        self.bytes = bytes
        self.count = count
    }

    /// Checks that `bytes` hold exactly `count` fields.
    init(_ bytes: UnsafeRawBufferPointer, count: Int, frame: UInt8) throws(ProtocolViolation) {
        var offset = 0
        for index in 0..<count {
            let left = bytes.count - offset
            guard left >= 8 else {
                throw ProtocolViolation(.truncated, frame: frame, "field \(index) of \(count) is cut off")
            }
            let name = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
            let value = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self)))
            guard left - 8 >= name, left - 8 - name >= value else {
                throw ProtocolViolation(.truncated, frame: frame, "field \(index) of \(count) is longer than its list")
            }
            offset += 8 + name + value
        }
        guard offset == bytes.count else {
            throw ProtocolViolation(.trailingBytes, frame: frame, "\(bytes.count - offset) bytes after the last field")
        }
        self.bytes = bytes
        self.count = count
    }

    package func makeIterator() -> Iterator { Iterator(bytes: bytes) }

    /// The first value whose name is `name`, letters compared without regard to ASCII case.
    package func first(_ name: StaticString) -> UnsafeRawBufferPointer? {
        let wanted = UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        return first { asciiEqual($0.name, wanted) }?.value
    }

    package struct Iterator: IteratorProtocol {
        private let bytes: UnsafeRawBufferPointer
        private var offset = 0

        init(bytes: UnsafeRawBufferPointer) {
            self.bytes = bytes
        }

        package mutating func next() -> Element? {
            guard offset < bytes.count else { return nil }
            let nameLength = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
            let valueLength = Int(
                UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self))
            )
            let name = offset + 8
            let value = name + nameLength
            offset = value + valueLength
            return (
                UnsafeRawBufferPointer(rebasing: bytes[name..<value]),
                UnsafeRawBufferPointer(rebasing: bytes[value..<offset])
            )
        }
    }
}

/// A list of (name, value) pairs that owns its bytes and makes Strings only when asked.
package struct Fields: Sendable {
    /// The bytes of the fields are `storage[start..<end]`; a decoded list shares the bytes of its event.
    private var storage: [UInt8]
    private var start: Int
    private var end: Int
    package private(set) var count: Int

    package init() {
        storage = []
        start = 0
        end = 0
        count = 0
    }

    /// Takes checked fields at `range` of `storage`.
    init(checked storage: [UInt8], range: Range<Int>, count: Int) {
        self.storage = storage
        start = range.lowerBound
        end = range.upperBound
        self.count = count
    }

    package init(copying view: FieldsView) {
        self.init(checked: [UInt8](view.bytes), range: 0..<view.bytes.count, count: view.count)
    }

    /// The bytes the list takes on the wire.
    package var byteCount: Int { end - start }

    /// Calls `body` with a view that is valid during the call.
    package func withView<Result, Failure: Error>(
        _ body: (FieldsView) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try storage.withRawBytes { (bytes) throws(Failure) in
            try body(FieldsView(checked: UnsafeRawBufferPointer(rebasing: bytes[start..<end]), count: count))
        }
    }

    package mutating func append(name: some Collection<UInt8>, value: some Collection<UInt8>) {
        if start != 0 || end != storage.count {
            storage = [UInt8](storage[start..<end])
            start = 0
        }
        storage.append(addingCapacity: 8) { span in
            span.append(little: UInt32(truncatingIfNeeded: name.count))
            span.append(little: UInt32(truncatingIfNeeded: value.count))
        }
        storage.append(contentsOf: name)
        storage.append(contentsOf: value)
        end = storage.count
        count += 1
    }

    package mutating func append(_ name: String, _ value: String) {
        append(name: name.utf8, value: value.utf8)
    }

    /// The first value named so, letters compared without regard to ASCII case; bytes that are no UTF-8 become U+FFFD.
    package func first(_ name: String) -> String? {
        withView { view in
            for field in view where asciiEqual(field.name, name) {
                return String(decoding: field.value, as: UTF8.self)
            }
            return nil
        }
    }

    /// Every value named so, in order.
    package func all(_ name: String) -> [String] {
        withView { view in
            var values: [String] = []
            for field in view where asciiEqual(field.name, name) {
                values.append(String(decoding: field.value, as: UTF8.self))
            }
            return values
        }
    }

    /// All fields as Strings, in order.
    package var strings: [(name: String, value: String)] {
        withView { view in
            view.map { (String(decoding: $0.name, as: UTF8.self), String(decoding: $0.value, as: UTF8.self)) }
        }
    }
}
