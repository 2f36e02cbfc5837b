package import ShopRules
package import Valkey

/// Reads what carts and orders need to know of products.
///
/// What was read once is good as long as the catalogue's version is the same. So whoever asks for the version along
/// with something else needs no round trip for the facts.
package final class ProductFactsReader: Sendable {
    private let valkey: ValkeyClient
    private let known = VersionedCache<ProductFacts>()

    package init(valkey: ValkeyClient) {
        self.valkey = valkey
    }

    /// What tells the catalogue's version, for a pipeline.
    static let version = ValkeyCommand("HGET", Keys.catalog, "version")

    /// Whether the product was there when this worker last looked.
    func hasSeen(_ product: String) -> Bool { known.latest(product) != nil }

    /// The facts of those products that exist, in one round trip.
    package func read(_ products: some Collection<String>) async throws -> [String: ProductFacts] {
        guard !products.isEmpty else { return [:] }
        // Read before the facts: these may be newer than the version they are kept under, but never older.
        let replies = try await valkey.pipeline([Self.version] + products.map { Self.command($0) })
        let version = try Int?(replies[0])
        var facts: [String: ProductFacts] = [:]
        for (product, reply) in zip(products, replies.dropFirst()) {
            guard let found = try Self.facts(reply) else { continue }
            facts[product] = found
            if let version { known.keep(found, of: product, version: version) }
        }
        return facts
    }

    /// The facts of those products that exist, as of a version that was just read; a round trip only where some are new.
    func read(_ products: [String], version: ValkeyValue) async throws -> [String: ProductFacts] {
        guard let version = try Int?(version) else { return try await read(products) }
        let facts = known.values(products, version: version)
        return facts.count == products.count ? facts : try await read(products)
    }

    private static func command(_ product: String) -> ValkeyCommand {
        ValkeyCommand("HMGET", Keys.product(product), "name", "price", "currency", "weight")
    }

    private static func facts(_ reply: ValkeyValue) throws -> ProductFacts? {
        let fields = try [String?](reply)
        guard fields.count == 4, let name = fields[0], let price = fields[1].flatMap({ Int($0) }),
            let currency = fields[2], let weight = fields[3].flatMap({ Int($0) })
        else { return nil }
        return ProductFacts(name: name, price: Money(currency: currency, amount: price), weight: weight)
    }
}
