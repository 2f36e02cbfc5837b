internal import ShopRules
internal import Valkey

/// Loads the seed into Valkey.
///
/// Each product is one atomic step, and publishing the whole is the last. Every step may be repeated, by several
/// workers at a time and after a crash between any two.
struct CatalogSeeder: Sendable {
    let valkey: ValkeyClient

    /// Loads the seed unless it or a newer one is published.
    func run() async throws {
        let published = try await valkey.send(ValkeyCommand("HGET", Keys.catalog, "version"))
        if let version = published.int, version >= CatalogSeed.version { return }
        var entries: [CatalogEntry] = []
        var steps: [ValkeyCommand] = []
        for item in try CatalogSeed.items() {
            let entry = try CatalogEntry(item.product)
            entries.append(entry)
            steps.append(step(item, entry.encoded))
        }
        for reply in try await valkey.pipeline(steps) {
            if case .error(let error) = reply { throw ValkeyError.server(error) }
        }
        _ = try await valkey.eval(
            CatalogScripts.publish,
            keys: [Keys.catalog],
            arguments: [CatalogSeed.version, CatalogDocument.encode(entries)]
        )
    }

    private func step(_ item: CatalogSeed.Item, _ encoded: EncodedProduct) -> ValkeyCommand {
        let product = item.product
        return ValkeyCommand(
            CatalogScripts.product,
            keys: [Keys.product(product.id), Keys.stock(product.id)],
            arguments: [
                CatalogSeed.version, encoded.prefix, encoded.tag, product.name, product.price.amount,
                product.price.currency, product.weight, item.stock,
            ]
        )
    }
}
