package import ShopRules
package import Valkey

/// Reads what carts and orders need to know of products.
package struct ProductFactsReader: Sendable {
    private let valkey: ValkeyClient

    package init(valkey: ValkeyClient) {
        self.valkey = valkey
    }

    /// The facts of those products that exist, in one round trip.
    package func read(_ products: some Collection<String>) async throws -> [String: ProductFacts] {
        let commands = products.map { Self.command($0) }
        let replies = try await valkey.pipeline(commands)
        var facts: [String: ProductFacts] = [:]
        for (product, reply) in zip(products, replies) {
            if let found = try Self.facts(reply) { facts[product] = found }
        }
        return facts
    }

    static func command(_ product: String) -> ValkeyCommand {
        ValkeyCommand("HMGET", Keys.product(product), "name", "price", "currency", "weight")
    }

    static func facts(_ reply: ValkeyValue) throws -> ProductFacts? {
        let fields = try [String?](reply)
        guard fields.count == 4, let name = fields[0], let price = fields[1].flatMap({ Int($0) }),
            let currency = fields[2], let weight = fields[3].flatMap({ Int($0) })
        else { return nil }
        return ProductFacts(name: name, price: Money(currency: currency, amount: price), weight: weight)
    }
}
