/// Where an order stands.
package enum OrderStatus: String, Codable, Sendable {
    /// Its key is claimed; nothing else happened.
    case claimed
    /// It is written down; stock may be reserved and money charged for it.
    case pending
    /// It is charged and will be sent.
    case placed
    /// It is being undone because the card was declined.
    case declining
    /// The card was declined and nothing is left of it.
    case declined
    /// It is being undone.
    case cancelling
    /// It was undone and nothing is left of it.
    case cancelled

    /// The status as customers see it.
    package var visible: String {
        switch self {
        case .claimed, .pending: "pending"
        case .placed: "placed"
        case .declining, .declined: "declined"
        case .cancelling, .cancelled: "cancelled"
        }
    }
}

/// What an order says from the moment it is written down; it never changes.
package struct OrderRecord: Hashable, Codable, Sendable {
    package var id: String
    package var cart: String
    package var lines: [CartItem]
    package var subtotal: Money
    package var shipping: Money
    package var tax: Money
    package var total: Money
    package var email: String
    package var shippingAddress: Address
    package var cardLast4: String
    package var cardBrand: String

    /// Prices an order with the catalogue's prices.
    package init(id: String, cart: Cart, grams: Int, request: CheckoutRequest, zone: ShippingZone) {
        let currency = cart.total.currency
        let shippingCost = zone.cost(grams: grams, subtotal: cart.total.amount)
        let taxes = TaxTable.tax(
            subtotal: cart.total.amount,
            shipping: shippingCost,
            country: request.address.country,
            region: request.address.region
        )
        self.id = id
        self.cart = cart.id
        lines = cart.items
        subtotal = cart.total
        shipping = Money(currency: currency, amount: shippingCost)
        tax = Money(currency: currency, amount: taxes)
        total = Money(currency: currency, amount: cart.total.amount + shippingCost + taxes)
        email = request.email
        shippingAddress = request.address
        cardLast4 = request.card.last4
        cardBrand = request.card.brand.rawValue
    }
}

/// An order as customers see it.
package struct OrderView: Encodable, Sendable {
    package struct Payment: Encodable, Sendable {
        package var last4: String
        package var brand: String
        package var reference: String?
    }

    package var id: String
    package var status: String
    package var lines: [CartItem]
    package var subtotal: Money
    package var shipping: Money
    package var tax: Money
    package var total: Money
    /// When it was placed (RFC 3339); missing while it is not.
    package var placedAt: String?
    package var email: String
    package var payment: Payment

    /// Shows a record.
    package init(_ record: OrderRecord, status: OrderStatus, placedAt: UTCTime?, reference: String?) {
        id = record.id
        self.status = status.visible
        lines = record.lines
        subtotal = record.subtotal
        shipping = record.shipping
        tax = record.tax
        total = record.total
        self.placedAt = placedAt?.text
        email = Email.masked(record.email)
        payment = Payment(last4: record.cardLast4, brand: record.cardBrand, reference: reference)
    }
}
