/// The brands of cards the shop takes, told by the first digits and the length of a number.
package enum CardBrand: String, CaseIterable, Codable, Sendable {
    case visa
    case mastercard
    case amex
    case discover
    case diners
    case jcb
    case unionpay

    /// The brand of a number, or nil for one of no known brand or of a wrong length.
    package init?(digits: [UInt8]) {
        guard (13...19).contains(digits.count) else { return nil }
        let four = digits.prefix(4).reduce(0) { $0 * 10 + Int($1) }
        let brand: CardBrand
        switch four {
        case 4_000...4_999: brand = .visa
        case 5_100...5_599, 2_221...2_720: brand = .mastercard
        case 3_400...3_499, 3_700...3_799: brand = .amex
        case 6_011, 6_440...6_599: brand = .discover
        case 3_000...3_059, 3_600...3_699, 3_800...3_999: brand = .diners
        case 3_528...3_589: brand = .jcb
        case 6_200...6_299: brand = .unionpay
        default: return nil
        }
        guard brand.lengths.contains(digits.count) else { return nil }
        self = brand
    }

    /// How many digits a number may have.
    private var lengths: [Int] {
        switch self {
        case .visa: [13, 16, 19]
        case .mastercard: [16]
        case .amex: [15]
        case .diners: [14, 15, 16, 17, 18, 19]
        case .discover, .jcb, .unionpay: [16, 17, 18, 19]
        }
    }

    /// How many digits the verification value has.
    var verificationLength: Int { self == .amex ? 4 : 3 }
}
