/// A card as a customer gives it.
///
/// It is held in memory while it is charged and nowhere else.
///
/// It has no JSON of its own, and its description shows no more than a receipt does.
package struct Card: Sendable, CustomStringConvertible, CustomReflectable {
    /// The digits of the number.
    package let number: String
    package let expiryMonth: Int
    package let expiryYear: Int
    package let cvv: String
    package let brand: CardBrand

    /// The number's last four digits.
    package var last4: String { String(number.suffix(4)) }

    package var description: String { "\(brand.rawValue) ending in \(last4)" }

    package var customMirror: Mirror { Mirror(self, children: [("card", description)]) }

    /// Reads the object `payment` of a body; nil when something is wrong, which the reader has noted.
    package init?(_ reader: ObjectReader, now: UTCTime) {
        let number = Self.number(reader)
        let month = reader.int("expiryMonth", in: 1...12)
        let year = reader.int("expiryYear", in: 2_000...2_099)
        let today = now.yearAndMonth
        if let month, let year, (year, month) < (today.year, today.month) {
            reader.mistake("expiryYear", "the card expired at the end of \(month)/\(year)")
        }
        let cvv = reader.text("cvv", 3...4)
        if let cvv {
            let isRight =
                cvv.utf8.allSatisfy { (0x30...0x39).contains($0) }
                && (number.map { $0.brand.verificationLength == cvv.utf8.count } ?? true)
            if !isRight { reader.mistake("cvv", "must have 3 digits, for American Express 4") }
        }
        guard let number, let month, let year, let cvv else { return nil }
        self.number = number.digits
        brand = number.brand
        expiryMonth = month
        expiryYear = year
        self.cvv = cvv
    }

    private static func number(_ reader: ObjectReader) -> (digits: String, brand: CardBrand)? {
        guard let text = reader.text("cardNumber", 1...40) else { return nil }
        let bytes = text.utf8.filter { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "-") }
        let digits = bytes.map { $0 &- 0x30 }
        guard digits.allSatisfy({ $0 <= 9 }), (12...19).contains(digits.count) else {
            reader.mistake("cardNumber", "must have 12 to 19 digits")
            return nil
        }
        guard isLuhn(digits) else {
            reader.mistake("cardNumber", "is mistyped: its check digit is wrong")
            return nil
        }
        guard let brand = CardBrand(digits: digits) else {
            let brands = CardBrand.allCases.map(\.rawValue).joined(separator: ", ")
            reader.mistake("cardNumber", "is of no brand that is taken here: \(brands)")
            return nil
        }
        return (String(decoding: bytes, as: UTF8.self), brand)
    }

    /// Whether the last digit is the right check digit (ISO/IEC 7812-1, annex B).
    package static func isLuhn(_ digits: [UInt8]) -> Bool {
        var sum = 0
        for (index, digit) in digits.reversed().enumerated() {
            let doubled = index.isMultiple(of: 2) ? Int(digit) : Int(digit) * 2
            sum += doubled > 9 ? doubled - 9 : doubled
        }
        return !digits.isEmpty && sum.isMultiple(of: 10)
    }
}
