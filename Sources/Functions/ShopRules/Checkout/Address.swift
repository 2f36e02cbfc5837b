/// Where an order goes.
package struct Address: Hashable, Codable, Sendable {
    package var name: String
    package var line1: String
    package var line2: String?
    package var city: String
    package var region: String
    package var postalCode: String
    /// The country's code (ISO 3166-1 alpha-2).
    package var country: String

    /// The members of the JSON object.
    package static let members = ["name", "line1", "line2", "city", "region", "postalCode", "country"]

    /// Reads the object of a body; nil when something is wrong, which the reader has noted.
    package init?(_ reader: ObjectReader) {
        let name = reader.text("name", 1...100)
        let line1 = reader.text("line1", 1...100)
        line2 = reader.text("line2", 1...100, isRequired: false)
        let city = reader.text("city", 1...100)
        let country = Self.country(reader)
        let needsRegion = country.map { TaxTable.regions(of: $0) != nil } ?? false
        let region = reader.text("region", 1...64, isRequired: needsRegion)
        if let country, let region, let known = TaxTable.regions(of: country), known[region] == nil {
            reader.mistake("region", "is no region of \(country); write its code of two letters")
        }
        let postalCode = reader.text("postalCode", 2...12)
        if let postalCode, let country, !Self.isPostalCode(postalCode, of: country) {
            reader.mistake("postalCode", "is no postal code of \(country)")
        }
        guard let name, let line1, let city, let country, let postalCode else { return nil }
        self.name = name
        self.line1 = line1
        self.city = city
        self.region = region ?? ""
        self.postalCode = postalCode
        self.country = country
    }

    private static func country(_ reader: ObjectReader) -> String? {
        guard let country = reader.text("country", 2...2) else { return nil }
        guard ShippingZone(country: country) != nil else {
            reader.mistake("country", "is no country the shop ships to; write its code, for example US")
            return nil
        }
        return country
    }

    private static func isPostalCode(_ code: String, of country: String) -> Bool {
        let shape = String(
            code.utf8.map { byte -> Character in
                switch byte {
                case 0x30...0x39: "9"
                case 0x41...0x5A, 0x61...0x7A: "A"
                case 0x20, 0x2D: "-"
                default: "?"
                }
            }
        )
        switch country {
        case "US": return ["99999", "99999-9999"].contains(shape)
        case "CA": return ["A9A9A9", "A9A-9A9"].contains(shape)
        case "DE", "FR", "IT", "ES", "FI": return shape == "99999"
        case "AT", "BE", "CH", "DK", "NO", "AU", "NZ": return shape == "9999"
        default: return !shape.contains("?")
        }
    }
}
