/// What a customer has put together, priced as the catalogue says now.
package struct Cart: Hashable, Encodable, Sendable {
    /// How many pieces of a product a request may add or set.
    package static let mostPiecesAtOnce = 99
    /// How many pieces of a product a cart may hold; adds that come one by one may well be more than one request's.
    package static let mostPieces = 999
    /// How many products a cart may hold.
    package static let mostLines = 100

    package var id: String
    package var items: [CartItem]
    package var total: Money
    /// Changes whenever the items or their prices do.
    package var version: String

    /// Prices lines.
    ///
    /// A product that is no longer sold is left out.
    package init(id: String, lines: [CartLine], products: [String: ProductFacts], currency: String = "USD") {
        self.id = id
        items = lines.compactMap { line in products[line.product].map { CartItem(line, $0) } }
        total = Money(
            currency: items.first?.unitPrice.currency ?? currency,
            amount: items.reduce(0) { $0 + $1.total.amount }
        )
        var hash = StableHash()
        for item in items {
            hash.add(item.productId)
            hash.add("\(item.quantity) \(item.unitPrice.amount) \(item.unitPrice.currency)")
        }
        version = hash.hex
    }
}

/// A product in a cart and how many pieces of it.
package struct CartLine: Hashable, Sendable {
    package var product: String
    package var quantity: Int

    package init(product: String, quantity: Int) {
        self.product = product
        self.quantity = quantity
    }
}

/// A line of a cart or an order as customers see it.
package struct CartItem: Hashable, Codable, Sendable {
    package var productId: String
    package var name: String
    package var quantity: Int
    package var unitPrice: Money
    package var total: Money

    package init(_ line: CartLine, _ product: ProductFacts) {
        productId = line.product
        name = product.name
        quantity = line.quantity
        unitPrice = product.price
        total = Money(currency: product.price.currency, amount: product.price.amount * line.quantity)
    }
}

/// What carts and orders need to know of a product.
package struct ProductFacts: Hashable, Sendable {
    package var name: String
    package var price: Money
    /// The weight of a piece in grams.
    package var weight: Int

    package init(name: String, price: Money, weight: Int) {
        self.name = name
        self.price = price
        self.weight = weight
    }
}
