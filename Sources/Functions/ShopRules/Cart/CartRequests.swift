package import JSON

/// The body of `POST /api/carts/{cart}/items`.
package struct AddToCartRequest: Hashable, Sendable {
    package var product: String
    package var quantity: Int

    /// Reads a body.
    ///
    /// - Throws: ``InvalidInput`` with everything that is wrong.
    package init(_ body: JSONValue) throws(InvalidInput) {
        let reader = try ObjectReader(body, known: ["productId", "quantity"])
        let product = reader.text("productId", 1...64)
        let quantity = reader.int("quantity", in: 1...Cart.mostPiecesAtOnce)
        try reader.finish()
        self.product = product ?? ""
        self.quantity = quantity ?? 0
    }
}

/// The body of `PUT /api/carts/{cart}/items/{product}`.
package struct SetCartItemRequest: Hashable, Sendable {
    package var quantity: Int

    /// Reads a body.
    ///
    /// - Throws: ``InvalidInput`` with everything that is wrong.
    package init(_ body: JSONValue) throws(InvalidInput) {
        let reader = try ObjectReader(body, known: ["quantity"])
        let quantity = reader.int("quantity", in: 0...Cart.mostPiecesAtOnce)
        try reader.finish()
        self.quantity = quantity ?? 0
    }
}

/// The body of `POST /api/carts/{cart}/merge`.
package struct MergeCartsRequest: Hashable, Sendable {
    package var from: String

    /// Reads a body.
    ///
    /// - Throws: ``InvalidInput`` with everything that is wrong.
    package init(_ body: JSONValue, into cart: String) throws(InvalidInput) {
        let reader = try ObjectReader(body, known: ["from"])
        let from = reader.text("from", 1...64) ?? ""
        try reader.finish()
        if !Identifier.isCart(from) {
            reader.mistake("from", "may hold letters, digits, hyphens and underscores only")
        } else if from == cart {
            reader.mistake("from", "is the cart itself; name another one")
        }
        try reader.finish()
        self.from = from
    }
}
