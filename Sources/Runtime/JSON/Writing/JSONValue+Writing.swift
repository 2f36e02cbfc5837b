extension JSONValue {
    /// This value as JSON in UTF-8.
    ///
    /// - Throws: `EncodingError.invalidValue` for an infinity or a NaN, which JSON cannot hold.
    public func serialized(_ style: JSONStyle = .compact) throws -> [UInt8] {
        var writer = JSONWriter()
        writer.write(self, style: style, level: 0, nonFinite: .fail)
        if let number = writer.unwritable { throw EncodingError.notFinite(number, at: []) }
        return writer.bytes
    }
}

extension EncodingError {
    static func notFinite(_ number: some FloatingPoint, at path: [any CodingKey]) -> EncodingError {
        .invalidValue(
            number,
            Context(codingPath: path, debugDescription: "JSON cannot hold \(number); leave it out or send a string")
        )
    }
}
