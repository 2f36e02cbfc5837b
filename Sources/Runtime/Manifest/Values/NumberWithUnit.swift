/// Splits texts such as `128Mi` into their number and unit.
enum NumberWithUnit {
    /// The whole number and what follows it; nothing when the text does not begin with digits or they overflow.
    static func split(_ text: String) -> (count: Int64, unit: String)? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard !digits.isEmpty, let count = Int64(digits) else { return nil }
        return (count, String(text.dropFirst(digits.count)))
    }

    /// The whole number a text is, in decimal digits with an optional minus; nothing otherwise.
    static func whole(_ text: String) -> Int? {
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
        return Int(text)
    }
}
