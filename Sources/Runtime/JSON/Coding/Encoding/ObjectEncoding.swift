/// Writes the members of an object.
struct ObjectEncoding<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let encoder: ValueEncoder

    var codingPath: [any CodingKey] { encoder.codingPath }

    func encodeNil(forKey key: Key) {
        encoder.beginMember(key.stringValue)
        encoder.writeNull()
    }

    func encode(_ value: Bool, forKey key: Key) {
        encoder.beginMember(key.stringValue)
        encoder.text.bytes.appendJSON(value)
    }

    func encode(_ value: String, forKey key: Key) {
        encoder.beginMember(key.stringValue)
        encoder.text.bytes.appendJSON(value)
    }

    func encode(_ value: Double, forKey key: Key) throws {
        encoder.beginMember(key.stringValue)
        try encoder.write(value, at: .name(key))
    }

    func encode(_ value: Float, forKey key: Key) throws {
        encoder.beginMember(key.stringValue)
        try encoder.write(value, at: .name(key))
    }

    func encode(_ value: Int, forKey key: Key) throws { try integer(value, key) }
    func encode(_ value: Int8, forKey key: Key) throws { try integer(value, key) }
    func encode(_ value: Int16, forKey key: Key) throws { try integer(value, key) }
    func encode(_ value: Int32, forKey key: Key) throws { try integer(value, key) }
    func encode(_ value: Int64, forKey key: Key) throws { try integer(value, key) }
    func encode(_ value: UInt, forKey key: Key) throws { try integer(value, key) }
    func encode(_ value: UInt8, forKey key: Key) throws { try integer(value, key) }
    func encode(_ value: UInt16, forKey key: Key) throws { try integer(value, key) }
    func encode(_ value: UInt32, forKey key: Key) throws { try integer(value, key) }
    func encode(_ value: UInt64, forKey key: Key) throws { try integer(value, key) }

    func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
        encoder.beginMember(key.stringValue)
        try encoder.write(value, at: .name(key))
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type,
        forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        reserve(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { reserve(key).unkeyedContainer() }

    func superEncoder() -> any Encoder { reserve(JSONKey.super) }

    func superEncoder(forKey key: Key) -> any Encoder { reserve(key) }

    private func reserve(_ key: any CodingKey) -> ValueEncoder {
        encoder.beginMember(key.stringValue)
        return encoder.reserve(.name(key))
    }

    private func integer(_ value: some FixedWidthInteger, _ key: Key) throws {
        encoder.beginMember(key.stringValue)
        try encoder.write(value, at: .name(key))
    }
}
