/// Writes the elements of a list.
struct ListEncoding: UnkeyedEncodingContainer {
    let encoder: ValueEncoder

    var codingPath: [any CodingKey] { encoder.codingPath }
    var count: Int { encoder.count }

    func encodeNil() {
        encoder.beginElement()
        encoder.writeNull()
    }

    func encode(_ value: Bool) {
        encoder.beginElement()
        encoder.text.bytes.appendJSON(value)
    }

    func encode(_ value: String) {
        encoder.beginElement()
        encoder.text.bytes.appendJSON(value)
    }

    func encode(_ value: Double) throws {
        let step = beginElement()
        try encoder.write(value, at: step)
    }

    func encode(_ value: Float) throws {
        let step = beginElement()
        try encoder.write(value, at: step)
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
        let step = beginElement()
        try encoder.write(value, at: step)
    }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
        reserve().container(keyedBy: type)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { reserve().unkeyedContainer() }

    func superEncoder() -> any Encoder { reserve() }

    private func beginElement() -> CodingStep.Step {
        encoder.beginElement()
        return .index(encoder.count - 1)
    }

    private func reserve() -> ValueEncoder { encoder.reserve(beginElement()) }

    private func integer(_ value: some FixedWidthInteger) throws {
        let step = beginElement()
        try encoder.write(value, at: step)
    }
}
