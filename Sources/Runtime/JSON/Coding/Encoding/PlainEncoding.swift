/// Writes a value that is neither an object nor a list.
struct PlainEncoding: SingleValueEncodingContainer {
    let encoder: ValueEncoder

    var codingPath: [any CodingKey] { encoder.codingPath }

    func encodeNil() {
        encoder.beginPlain()
        encoder.writeNull()
    }

    func encode(_ value: Bool) {
        encoder.beginPlain()
        encoder.text.bytes.appendJSON(value)
    }

    func encode(_ value: String) {
        encoder.beginPlain()
        encoder.text.bytes.appendJSON(value)
    }

    func encode(_ value: Double) throws {
        encoder.beginPlain()
        try encoder.write(value, at: nil)
    }

    func encode(_ value: Float) throws {
        encoder.beginPlain()
        try encoder.write(value, at: nil)
    }

    func encode(_ value: Int) throws { try integer(value) }
    func encode(_ value: Int8) throws { try integer(value) }
    func encode(_ value: Int16) throws { try integer(value) }
    func encode(_ value: Int32) throws { try integer(value) }
    func encode(_ value: Int64) throws { try integer(value) }
    func encode(_ value: UInt) throws { try integer(value) }
    func encode(_ value: UInt8) throws { try integer(value) }
    func encode(_ value: UInt16) throws { try integer(value) }
    func encode(_ value: UInt32) throws { try integer(value) }
    func encode(_ value: UInt64) throws { try integer(value) }

    func encode<T: Encodable>(_ value: T) throws {
        encoder.beginPlain()
        try encoder.write(value, at: nil)
    }

    private func integer(_ value: some FixedWidthInteger) throws {
        encoder.beginPlain()
        try encoder.write(value, at: nil)
    }
}
