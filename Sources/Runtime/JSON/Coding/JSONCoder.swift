/// Turns Codable values into JSON and back.
///
/// Integers are exact in both directions or an error; infinities and NaN are errors. Dates and bytes have no form of
/// their own in JSON: they are coded as their types say.
public enum JSONCoder {
    /// Reads a value from JSON in UTF-8.
    ///
    /// - Throws: ``JSONParseError`` for what is not JSON, `DecodingError` for JSON that is not such a value;
    ///   ``JSONMistake`` puts either into words.
    public static func decode<T: Decodable>(
        _ type: T.Type,
        from text: [UInt8],
        limits: JSONLimits = .standard
    ) throws -> T {
        try JSONTree.parse(text, limits: limits).decode(type)
    }

    /// Reads a value from JSON in UTF-8.
    ///
    /// - Throws: ``JSONParseError`` for what is not JSON, `DecodingError` for JSON that is not such a value.
    public static func decode<T: Decodable>(
        _ type: T.Type,
        from text: UnsafeRawBufferPointer,
        limits: JSONLimits = .standard
    ) throws -> T {
        try JSONTree.parse(text, limits: limits).decode(type)
    }

    /// Reads a value from JSON that is already parsed.
    ///
    /// - Throws: `DecodingError` for JSON that is not such a value.
    public static func decode<T: Decodable>(_ type: T.Type, from value: JSONValue) throws -> T {
        try decode(type, from: value.serialized(), limits: JSONLimits(maxBytes: .max, maxDepth: .max))
    }

    /// Writes a value as JSON in UTF-8.
    ///
    /// - Throws: `EncodingError` for a number that JSON cannot hold or that could not be read back: an infinity, NaN,
    ///   an integer beyond 2⁶³-1. Whatever the value's own `encode(to:)` throws.
    public static func encode(_ value: some Encodable, style: JSONStyle = .compact) throws -> [UInt8] {
        let bytes = try ValueEncoder.encode(value)
        if style == .compact { return bytes }
        let limits = JSONLimits(maxBytes: .max, maxDepth: .max)
        return try JSONValue(parsing: bytes, limits: limits).serialized(style)
    }
}
