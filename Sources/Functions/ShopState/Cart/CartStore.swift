package import ShopRules
package import Valkey

/// The carts.
///
/// Each change is one atomic step, so that concurrent ones all count.
package struct CartStore: Sendable {
    /// How long a cart stays that nobody touches.
    package static let lifetime: Duration = .seconds(7 * 24 * 3_600)

    private let valkey: ValkeyClient
    private let products: ProductFactsReader
    private let seeder: CatalogSeeder

    package init(valkey: ValkeyClient) {
        self.valkey = valkey
        products = ProductFactsReader(valkey: valkey)
        seeder = CatalogSeeder(valkey: valkey)
    }

    /// Why a product cannot be put into a cart.
    package enum Refusal: Error, Equatable {
        case unknownProduct
        /// The line holds that many pieces already.
        case tooManyPieces(have: Int)
        case tooManyLines
    }

    /// A cart, empty if there is none, in one round trip; in two where a product is new to this worker.
    package func cart(_ id: String) async throws -> Cart {
        let replies = try await valkey.pipeline([Self.reading(id), ProductFactsReader.version])
        return try await priced(id, StoredCart(replies[0]).lines, version: replies[1])
    }

    /// Adds pieces of a product in one round trip; in more where a product is new to this worker.
    ///
    /// - Throws: ``Refusal``.
    package func add(_ product: String, quantity: Int, to id: String) async throws -> Cart {
        let script = command(
            CartScripts.add,
            id,
            [product, quantity, Cart.mostPieces, Cart.mostLines, Self.lifetime.milliseconds, Self.newFilling()]
        )
        return try await change(id, script, product)
    }

    /// Sets the pieces of a product, in as many round trips; none removes it.
    ///
    /// - Throws: ``Refusal``.
    package func set(_ product: String, quantity: Int, in id: String) async throws -> Cart {
        let script = command(
            CartScripts.set,
            id,
            [product, quantity, Cart.mostLines, Self.lifetime.milliseconds, Self.newFilling()]
        )
        return try await change(id, script, product)
    }

    /// Removes a product, also when it is not there.
    package func remove(_ product: String, from id: String) async throws {
        _ = try await valkey.send(ValkeyCommand("HDEL", Keys.cart(id), product))
    }

    /// Removes everything.
    package func empty(_ id: String) async throws {
        _ = try await valkey.eval(CartScripts.empty, keys: [Keys.cart(id)])
    }

    /// Moves the lines of one cart into another.
    ///
    /// The two are in different slots, so it goes in steps: read `from`; take its lines in, marked with the filling
    /// they are of; take them out of `from`. Each may be repeated, and a crash between leaves lines in both carts until
    /// the merge is repeated, never in none.
    package func merge(_ from: String, into id: String) async throws -> Cart {
        let source = try await stored(from)
        guard let filling = source.filling, !source.lines.isEmpty else { return try await cart(id) }
        let lines = source.lines.flatMap { [$0.product, String($0.quantity)] as [any ValkeyArgument] }
        let marks: [any ValkeyArgument] = [
            ":merged:\(from):\(filling)", Cart.mostPieces, Self.lifetime.milliseconds, Self.newFilling(),
        ]
        let reply = try await valkey.eval(CartScripts.takeIn, keys: [Keys.cart(id)], arguments: marks + lines)
        guard let parts = reply.array, parts.count == 2, let taken = parts[0].string else {
            throw ValkeyError.unexpectedReply("a merge has no such reply")
        }
        let merged = try StoredCart(parts[1])
        Failpoint.pass("merge-taken-in")
        let takenLines = taken.split(separator: ",").flatMap { line in
            line.split(separator: "=").map { String($0) as any ValkeyArgument }
        }
        async let facts = products.read(merged.lines.map(\.product))
        _ = try await valkey.eval(
            CartScripts.handOver,
            keys: [Keys.cart(from)],
            arguments: [filling, Self.newFilling()] + takenLines
        )
        return Cart(id: id, lines: merged.lines, products: try await facts)
    }

    /// The lines, unpriced.
    func lines(_ id: String) async throws -> [CartLine] { try await stored(id).lines }

    /// What reads the lines, for a pipeline.
    static func reading(_ id: String) -> ValkeyCommand { ValkeyCommand("HGETALL", Keys.cart(id)) }

    /// The lines that a cart's fields hold.
    static func lines(_ reply: ValkeyValue) throws -> [CartLine] { try StoredCart(reply).lines }

    /// What takes out what an order took, once, for a pipeline.
    static func takingOut(_ lines: [CartItem], of id: String, for order: String) -> ValkeyCommand {
        let pairs = lines.flatMap { [$0.productId, $0.quantity] as [any ValkeyArgument] }
        return ValkeyCommand(CartScripts.takeOut, keys: [Keys.cart(id)], arguments: [":order:\(order)"] + pairs)
    }

    private func stored(_ id: String) async throws -> StoredCart {
        try StoredCart(try await valkey.send(Self.reading(id)))
    }

    private func priced(_ id: String, _ lines: [CartLine], version: ValkeyValue) async throws -> Cart {
        Cart(id: id, lines: lines, products: try await products.read(lines.map(\.product), version: version))
    }

    private func change(_ id: String, _ script: ValkeyCommand, _ product: String) async throws -> Cart {
        guard Identifier.isProduct(product) else { throw Refusal.unknownProduct }
        if !products.hasSeen(product) { try await find(product) }
        let replies = try await valkey.pipeline([script, ProductFactsReader.version])
        switch replies[0] {
        case .error(let error): throw ValkeyError.server(error)
        case .integer(-1): throw Refusal.tooManyLines
        case .integer(let have): throw Refusal.tooManyPieces(have: have)
        default: break
        }
        let lines = try StoredCart(replies[0]).lines
        let cart = try await priced(id, lines, version: replies[1])
        if cart.items.count < lines.count, lines.contains(where: { $0.product == product }),
            !cart.items.contains(where: { $0.productId == product })
        {
            // It was there when this worker last looked: either Valkey lost everything, or it is no longer sold.
            do {
                try await find(product)
            } catch let refusal as Refusal {
                try await remove(product, from: id)
                throw refusal
            }
            return try await priced(id, lines, version: .null)
        }
        return cart
    }

    /// Makes sure that there is such a product.
    private func find(_ product: String) async throws {
        if try await !products.read([product]).isEmpty { return }
        // A shop nobody has looked at has no products yet.
        try await seeder.run()
        if try await products.read([product]).isEmpty { throw Refusal.unknownProduct }
    }

    private func command(_ script: ValkeyScript, _ id: String, _ arguments: [any ValkeyArgument]) -> ValkeyCommand {
        ValkeyCommand(script, keys: [Keys.cart(id)], arguments: arguments)
    }

    private static func newFilling() -> String { String(UInt64.random(in: 0 ... .max), radix: 36) }
}

extension Duration {
    /// The whole milliseconds.
    package var milliseconds: Int {
        Int(components.seconds) * 1_000 + Int(components.attoseconds / 1_000_000_000_000_000)
    }
}
