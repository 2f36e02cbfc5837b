/// What tax an order bears, by where it goes.
///
/// The shop's own rules; no advice.
package enum TaxTable {
    /// The rates of a country's regions in thousandths of a percent, or nil where regions do not matter.
    package static func regions(of country: String) -> [String: Int]? {
        switch country {
        case "US": unitedStates
        case "CA": canada
        default: nil
        }
    }

    /// The tax in minor units, a half rounded up.
    ///
    /// In the United States and Canada shipping bears no tax; elsewhere it bears the same as the pieces.
    package static func tax(subtotal: Int, shipping: Int, country: String, region: String) -> Int {
        if let regions = regions(of: country) { return share(of: subtotal, regions[region] ?? 0) }
        return share(of: subtotal + shipping, countries[country] ?? 0)
    }

    private static func share(of amount: Int, _ rate: Int) -> Int { (amount * rate + 50_000) / 100_000 }

    private static let countries: [String: Int] = [
        "AT": 20_000, "BE": 21_000, "BG": 20_000, "CH": 8_100, "CY": 19_000, "CZ": 21_000, "DE": 19_000, "DK": 25_000,
        "EE": 24_000, "ES": 21_000, "FI": 25_500, "FR": 20_000, "GB": 20_000, "GR": 24_000, "HR": 25_000, "HU": 27_000,
        "IE": 23_000, "IT": 22_000, "LT": 21_000, "LU": 17_000, "LV": 21_000, "MT": 18_000, "NL": 21_000, "NO": 25_000,
        "PL": 23_000, "PT": 23_000, "RO": 21_000, "SE": 25_000, "SI": 22_000, "SK": 23_000,
    ]

    private static let canada: [String: Int] = [
        "AB": 5_000, "BC": 12_000, "MB": 12_000, "NB": 15_000, "NL": 15_000, "NS": 14_000, "NT": 5_000, "NU": 5_000,
        "ON": 13_000, "PE": 15_000, "QC": 14_975, "SK": 11_000, "YT": 5_000,
    ]

    private static let unitedStates: [String: Int] = [
        "AL": 4_000, "AK": 0, "AZ": 5_600, "AR": 6_500, "CA": 7_250, "CO": 2_900, "CT": 6_350, "DC": 6_000, "DE": 0,
        "FL": 6_000, "GA": 4_000, "HI": 4_000, "IA": 6_000, "ID": 6_000, "IL": 6_250, "IN": 7_000, "KS": 6_500,
        "KY": 6_000, "LA": 5_000, "MA": 6_250, "MD": 6_000, "ME": 5_500, "MI": 6_000, "MN": 6_875, "MO": 4_225,
        "MS": 7_000, "MT": 0, "NC": 4_750, "ND": 5_000, "NE": 5_500, "NH": 0, "NJ": 6_625, "NM": 4_875, "NV": 6_850,
        "NY": 4_000, "OH": 5_750, "OK": 4_500, "OR": 0, "PA": 6_000, "PR": 10_500, "RI": 7_000, "SC": 6_000,
        "SD": 4_200, "TN": 7_000, "TX": 6_250, "UT": 4_850, "VA": 4_300, "VT": 6_000, "WA": 6_500, "WI": 5_000,
        "WV": 6_000, "WY": 4_000,
    ]
}
