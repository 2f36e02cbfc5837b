/// Writes one value; its containers all write through it, so that commas and brackets are kept in one place.
final class ValueEncoder: Encoder {
    enum Kind {
        case undecided
        case plain
        case list
        case object
    }

    let text: EncodedText
    private let inner: CodingStep.Step?
    private let outer: ValueEncoder?
    private(set) var kind = Kind.undecided
    private(set) var count = 0

    /// - Parameters:
    ///   - text: Where to write.
    ///   - inner: The step from the outer value to this one; nil when both stand in the same place.
    ///   - outer: What writes the value around this one.
    init(text: EncodedText, at inner: CodingStep.Step?, within outer: ValueEncoder?) {
        self.text = text
        self.inner = inner
        self.outer = outer
    }

    /// Where the value stands; put together only when somebody asks.
    private var step: CodingStep? { inner.map { CodingStep($0, within: outer?.step) } ?? outer?.step }

    var codingPath: [any CodingKey] { step.path }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    static func encode(_ value: some Encodable) throws -> [UInt8] {
        let encoder = ValueEncoder(text: EncodedText(), at: nil, within: nil)
        encoder.text.bytes.reserveCapacity(256)
        try encoder.write(value, at: nil)
        let bytes = encoder.text.finished()
        if let mistake = encoder.text.mistake { throw EncodingError.invalidValue(value, mistake) }
        return bytes
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        open(.object)
        return KeyedEncodingContainer(ObjectEncoding<Key>(encoder: self))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        open(.list)
        return ListEncoding(encoder: self)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { PlainEncoding(encoder: self) }

    private func open(_ wanted: Kind) {
        switch kind {
        case .undecided:
            kind = wanted
            text.bytes.append(UInt8(ascii: wanted == .object ? "{" : "["))
        case wanted: break
        default:
            // `container(keyedBy:)` cannot throw, so the mistake is kept until something can.
            let message = "asked for both an object and a list, or wrote a plain value too"
            text.mistake = text.mistake ?? .init(codingPath: codingPath, debugDescription: message)
        }
    }

    /// Ends what was begun; a value that wrote nothing is an empty object.
    func close() {
        switch kind {
        case .undecided: text.bytes.append(contentsOf: "{}".utf8)
        case .plain: break
        case .list: text.bytes.append(UInt8(ascii: "]"))
        case .object: text.bytes.append(UInt8(ascii: "}"))
        }
    }

    func finishedText() -> [UInt8] {
        close()
        return text.finished()
    }

    // MARK: Positions

    func beginMember(_ name: String) {
        if count > 0 { text.bytes.append(UInt8(ascii: ",")) }
        count += 1
        text.bytes.appendJSON(name)
        text.bytes.append(UInt8(ascii: ":"))
    }

    func beginElement() {
        if count > 0 { text.bytes.append(UInt8(ascii: ",")) }
        count += 1
    }

    func beginPlain() {
        kind = .plain
    }

    /// A place for a value that is written later.
    func reserve(_ inner: CodingStep.Step) -> ValueEncoder {
        let encoder = ValueEncoder(text: EncodedText(), at: inner, within: self)
        text.insert(encoder)
        return encoder
    }

    // MARK: Values

    func writeNull() {
        text.bytes.append(contentsOf: "null".utf8)
    }

    func write(_ value: Double, at inner: CodingStep.Step?) throws {
        guard value.isFinite else { throw EncodingError.notFinite(value, at: path(inner)) }
        text.bytes.appendJSON(value)
    }

    func write(_ value: Float, at inner: CodingStep.Step?) throws {
        guard value.isFinite else { throw EncodingError.notFinite(value, at: path(inner)) }
        text.bytes.appendJSON(value)
    }

    func write(_ value: some FixedWidthInteger, at inner: CodingStep.Step?) throws {
        guard Int64(exactly: value) != nil else {
            let message = "JSON integers are read as 64 bits with a sign; send \(value) as a string"
            throw EncodingError.invalidValue(value, .init(codingPath: path(inner), debugDescription: message))
        }
        text.bytes.appendJSON(value)
    }

    func write<T: Encodable>(_ value: T, at inner: CodingStep.Step?) throws {
        // The types are compared first: a cast of what is none of these costs more than to write it.
        if T.self == String.self, let value = value as? String {
            text.bytes.appendJSON(value)
        } else if T.self == Int.self, let value = value as? Int {
            text.bytes.appendJSON(value)
        } else if T.self == JSONValue.self, let value = value as? JSONValue {
            var writer = JSONWriter()
            swap(&writer.bytes, &text.bytes)
            writer.write(value, style: .compact, level: 0, nonFinite: .fail)
            swap(&writer.bytes, &text.bytes)
            if let number = writer.unwritable { throw EncodingError.notFinite(number, at: path(inner)) }
        } else {
            let encoder = ValueEncoder(text: text, at: inner, within: self)
            try value.encode(to: encoder)
            encoder.close()
        }
    }

    private func path(_ inner: CodingStep.Step?) -> [any CodingKey] {
        guard let inner else { return codingPath }
        return CodingStep?.some(CodingStep(inner, within: step)).path
    }
}
