package import ShopRules
internal import Synchronization
package import Valkey

/// The catalogue as it stands in Valkey.
///
/// Nothing is read before it is needed, and a new shop is seeded on first need.
package final class CatalogStore: Sendable {
    private struct Known {
        var isSeeded = false
        var version = 0
        var index: CatalogIndex?
    }

    private let valkey: ValkeyClient
    private let levels: StockLevels
    private let known = Mutex(Known())
    private let encoded = VersionedCache<EncodedProduct>()

    /// Takes a client; asks nothing yet.
    package init(valkey: ValkeyClient) {
        self.valkey = valkey
        levels = StockLevels(valkey: valkey)
    }

    /// A product and how many pieces of it can be had.
    package struct Found: Sendable {
        package var product: EncodedProduct
        package var stock: Int
    }

    /// A page of products as JSON.
    package struct Listing: Sendable {
        package var json: [UInt8]
    }

    /// Looks a product up in one round trip; nil when there is none of that id.
    package func find(_ id: String) async throws -> Found? {
        guard Identifier.isProduct(id) else { return nil }
        try await seedOnce()
        if let found = try await look(id) { return found }
        // Missing may also mean that Valkey lost everything.
        try await CatalogSeeder(valkey: valkey).run()
        return try await look(id)
    }

    /// The page that a query asks for.
    package func list(_ query: ProductQuery) async throws -> Listing {
        try await listing { $0.list(query) }
    }

    /// The page that a search asks for.
    package func search(_ query: SearchQuery) async throws -> Listing {
        try await listing { $0.search(query) }
    }

    private func look(_ id: String) async throws -> Found? {
        if let known = encoded.latest(id) {
            // All but the stock is the same as long as the version is.
            let (version, stock) = try await look(id, ValkeyCommand("HGET", Keys.product(id), "version"))
            if try Int?(version) == known.version { return Found(product: known.value, stock: stock) }
        }
        let (reply, stock) = try await look(id, ValkeyCommand("HMGET", Keys.product(id), "version", "prefix", "tag"))
        guard let fields = reply.array, fields.count == 3, let prefix = fields[1].bytes, let tag = fields[2].string
        else { return nil }
        let product = EncodedProduct(prefix: prefix, tag: tag)
        if let version = fields[0].int { encoded.keep(product, of: id, version: version) }
        return Found(product: product, stock: stock)
    }

    /// What a command says of a product, and how many pieces of it can be had.
    private func look(_ id: String, _ command: ValkeyCommand) async throws -> (ValkeyValue, stock: Int) {
        let replies = try await valkey.pipeline([command, ValkeyCommand("HGET", Keys.stock(id), "available")])
        for reply in replies {
            if case .error(let error) = reply { throw ValkeyError.server(error) }
        }
        return (replies[0], replies[1].int ?? 0)
    }

    private func listing(_ choose: (CatalogIndex) -> CatalogIndex.Page) async throws -> Listing {
        var (version, index) = try await currentIndex()
        // A catalogue that changes twice while one request is served is served as it was in between.
        for _ in 0..<2 {
            let page = choose(index)
            let reading = try await levels.read(page.entries.map(\.id))
            if reading.catalogVersion == version { return Listing(json: page.json(stock: reading.available)) }
            (version, index) = try await loadIndex()
        }
        let page = choose(index)
        return Listing(json: page.json(stock: try await levels.read(page.entries.map(\.id)).available))
    }

    private func currentIndex() async throws -> (version: Int, index: CatalogIndex) {
        let (version, index) = known.withLock { ($0.version, $0.index) }
        if let index { return (version, index) }
        return try await loadIndex()
    }

    private func loadIndex() async throws -> (version: Int, index: CatalogIndex) {
        for attempt in 0..<2 {
            let reply = try await valkey.send(ValkeyCommand("HMGET", Keys.catalog, "version", "document"))
            if let fields = reply.array, fields.count == 2, let version = fields[0].int,
                version >= CatalogSeed.version, let document = fields[1].bytes,
                let entries = CatalogDocument.decode(document)
            {
                let index = CatalogIndex(entries)
                known.withLock {
                    $0.version = version
                    $0.index = index
                }
                return (version, index)
            }
            if attempt == 0 { try await CatalogSeeder(valkey: valkey).run() }
        }
        throw CatalogUnreadable()
    }

    /// Makes sure, once per worker, that the worker's seed was taken up.
    private func seedOnce() async throws {
        if known.withLock({ $0.isSeeded }) { return }
        try await CatalogSeeder(valkey: valkey).run()
        known.withLock { $0.isSeeded = true }
    }
}

/// What stands in Valkey as the catalogue is none.
package struct CatalogUnreadable: Error, CustomStringConvertible {
    /// A sentence for logs.
    package var description: String {
        "the value of \(Keys.catalog) is no catalogue; delete the key, and the next request writes it anew"
    }
}

extension CatalogIndex.Page {
    /// The page as JSON.
    func json(stock: [String: Int]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(entries.reduce(80) { $0 + $1.encoded.prefix.count + 8 })
        bytes.append(contentsOf: #"{"products":["#.utf8)
        for (offset, entry) in entries.enumerated() {
            if offset > 0 { bytes.append(UInt8(ascii: ",")) }
            entry.encoded.append(to: &bytes, stock: stock[entry.id] ?? 0)
        }
        bytes.append(contentsOf: #"],"page":\#(request.page),"size":\#(request.size),"total":\#(total)}"#.utf8)
        return bytes
    }
}
