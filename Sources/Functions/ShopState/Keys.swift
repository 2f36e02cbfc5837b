package import ShopRules

/// The names of all keys of the shop.
///
/// What changes together stands under one hash tag, and so in one slot of a cluster.
package enum Keys {
    /// The catalogue prepared for lists and searches: a hash of `version` and `document`.
    package static let catalog = "shop:catalog"

    /// A product: a hash of `version`, `prefix`, `tag`, `name`, `price`, `currency` and `weight`.
    package static func product(_ product: String) -> String { "shop:product:{\(product)}" }

    /// A product's pieces: a hash of `initial`, `available`, `reserved` and `sold`.
    package static func stock(_ product: String) -> String { "shop:stock:{\(product)}" }
}

extension Keys {
    /// Pieces held for orders: a hash of order → pieces.
    package static func reservations(_ product: String) -> String { "shop:reservations:{\(product)}" }

    /// When reservations expire: a sorted set of order → milliseconds since 1970.
    package static func reservationExpiry(_ product: String) -> String { "shop:reservation-expiry:{\(product)}" }

    /// Pieces sold: a hash of order → pieces.
    package static func sales(_ product: String) -> String { "shop:sales:{\(product)}" }

    /// A cart: a hash of product → pieces, and of marks whose names begin with a colon.
    package static func cart(_ cart: String) -> String { "shop:cart:{\(cart)}" }

    /// A payment of the stand-in provider: a hash.
    package static func payment(_ payment: String) -> String { "shop:payment:{\(payment)}" }

    /// What whoever voids a payment must show to the stand-in provider: a text.
    package static let paymentSecret = "shop:payment-secret"

    /// Where a repeated request finds its order: a hash of `fingerprint` and `order`.
    package static func idempotency(_ key: IdempotencyKey) -> String {
        "shop:key:\(tag(key.partition)):\(key.escaped)"
    }

    /// An order: a hash.
    package static func order(_ order: String, partition: Int) -> String { "shop:order:\(tag(partition)):\(order)" }

    /// Orders that somebody has to finish: a sorted set of order → when to look, in milliseconds since 1970.
    package static func pending(_ partition: Int) -> String { "shop:pending:\(tag(partition))" }

    /// All orders: a sorted set of order → when it was begun, in milliseconds since 1970.
    package static func orders(_ partition: Int) -> String { "shop:orders:\(tag(partition))" }

    /// Events of orders, for whoever ships them: a stream.
    package static func outbox(_ partition: Int) -> String { "shop:outbox:\(tag(partition))" }

    /// All that belongs to one order changes in one slot: its key, its record, its event.
    private static func tag(_ partition: Int) -> String { "{orders-\(partition)}" }
}
