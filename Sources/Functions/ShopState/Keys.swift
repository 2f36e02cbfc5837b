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
