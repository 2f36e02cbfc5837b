internal import ShopRules
internal import ShopState

/// A payment as its provider shows it.
struct PaymentView: Encodable {
    var id: String
    var status: String
    var amount: Money
    var brand: String
    var last4: String
    var reference: String

    init(_ key: String, _ entry: PaymentLedger.Entry) {
        id = key
        status = entry.status
        amount = entry.amount
        brand = entry.brand
        last4 = entry.last4
        reference = entry.reference
    }
}
