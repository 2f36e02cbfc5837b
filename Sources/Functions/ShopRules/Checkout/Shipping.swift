/// Where a country lies, as far as the price of a parcel goes.
package enum ShippingZone: String, CaseIterable, Sendable {
    case domestic
    case northAmerica
    case europe
    case world

    /// The zone of a country, or nil for one the shop does not ship to.
    package init?(country: String) {
        switch country {
        case "US": self = .domestic
        case "CA", "MX": self = .northAmerica
        case "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR", "HR", "HU", "IE", "IS",
            "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK":
            self = .europe
        case "AE", "AR", "AU", "BR", "CL", "CO", "HK", "IL", "IN", "JP", "KR", "MY", "NZ", "PH", "SG", "TH", "TR", "TW",
            "VN", "ZA":
            self = .world
        default: return nil
        }
    }

    /// The price of any parcel, and what each started 500 g adds, in cents.
    var rate: (flat: Int, step: Int) {
        switch self {
        case .domestic: (500, 50)
        case .northAmerica: (1_200, 120)
        case .europe: (1_500, 150)
        case .world: (2_500, 250)
        }
    }

    /// From this subtotal on a parcel costs nothing, in cents; nil where that is never so.
    var freeFrom: Int? { self == .domestic ? 7_500 : nil }

    /// What shipping costs, in cents.
    ///
    /// - Parameters:
    ///   - grams: The weight of all pieces.
    ///   - subtotal: The price of all pieces, in cents.
    /// - Returns: The price of the parcel.
    package func cost(grams: Int, subtotal: Int) -> Int {
        if let freeFrom, subtotal >= freeFrom { return 0 }
        return rate.flat + (grams + 499) / 500 * rate.step
    }
}
