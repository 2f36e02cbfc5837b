internal import ShopRules
internal import Valkey

/// A cart's fields as they stand in Valkey.
struct StoredCart: Sendable {
    var lines: [CartLine] = []
    /// Tells one filling of the cart from the next; nil for a cart that never held anything.
    var filling: String?

    /// Reads the fields of the hash.
    init(_ reply: ValkeyValue) throws {
        for (field, value) in try [String: String](reply) {
            if field == ":id" {
                filling = value
            } else if !field.hasPrefix(":"), let quantity = Int(value), quantity > 0 {
                lines.append(CartLine(product: field, quantity: quantity))
            }
        }
        lines.sort { $0.product < $1.product }
    }
}
