/// An amount of money in the minor unit of its currency, for example cents.
package struct Money: Hashable, Codable, Sendable {
    /// The currency's code (ISO 4217), for example `USD`.
    package var currency: String
    /// How much, in minor units.
    package var amount: Int

    /// Takes an amount in minor units.
    package init(currency: String, amount: Int) {
        self.currency = currency
        self.amount = amount
    }

    /// No money.
    package static func zero(_ currency: String) -> Money { Money(currency: currency, amount: 0) }
}
