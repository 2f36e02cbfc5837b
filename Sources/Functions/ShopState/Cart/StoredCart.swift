internal import ShopRules
internal import Valkey

/// A cart's fields as they stand in Valkey.
struct StoredCart: Sendable {
    var lines: [CartLine] = []
    /// Tells one filling of the cart from the next; nil for a cart that never held anything.
    var filling: String?

    /// Reads the fields of the hash.
    init(_ reply: ValkeyValue) throws {
        let fields = try reply.pairs()
        for index in stride(from: 0, to: fields.count, by: 2) {
            let field = try String(fields[index])
            if field == ":id" {
                filling = try String(fields[index + 1])
            } else if field.utf8.first != UInt8(ascii: ":"), let quantity = fields[index + 1].int, quantity > 0 {
                lines.append(CartLine(product: field, quantity: quantity))
            }
        }
        lines.sort { $0.product < $1.product }
    }
}
