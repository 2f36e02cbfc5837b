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

    /// A cart, empty if there is none: one round trip for its lines and one for what they cost.
    package func cart(_ id: String) async throws -> Cart {
        try await priced(id, stored(id).lines)
    }

    /// Adds pieces of a product in two round trips.
    ///
    /// - Throws: ``Refusal``.
    package func add(_ product: String, quantity: Int, to id: String) async throws -> Cart {
        let (before, facts) = try await look(id, product)
        let script = command(
            CartScripts.add,
            id,
            [product, quantity, Cart.mostPieces, Cart.mostLines, Self.lifetime.milliseconds, Self.newFilling()]
        )
        return try await change(id, script, before: before, product: product, facts: facts)
    }

    /// Sets the pieces of a product in two round trips; none removes it.
    ///
    /// - Throws: ``Refusal``.
    package func set(_ product: String, quantity: Int, in id: String) async throws -> Cart {
        let (before, facts) = try await look(id, product)
        let script = command(
            CartScripts.set,
            id,
            [product, quantity, Cart.mostLines, Self.lifetime.milliseconds, Self.newFilling()]
        )
        return try await change(id, script, before: before, product: product, facts: facts)
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

    private func priced(_ id: String, _ lines: [CartLine]) async throws -> Cart {
        Cart(id: id, lines: lines, products: try await products.read(lines.map(\.product)))
    }

    /// What is in the cart and what the product is, in one round trip.
    private func look(_ id: String, _ product: String) async throws -> (StoredCart, ProductFacts) {
        guard Identifier.isProduct(product) else { throw Refusal.unknownProduct }
        let commands = [Self.reading(id), ProductFactsReader.command(product)]
        for attempt in 0..<2 {
            let replies = try await valkey.pipeline(commands)
            if let facts = try ProductFactsReader.facts(replies[1]) { return (try StoredCart(replies[0]), facts) }
            // A shop nobody has looked at has no products yet.
            if attempt == 0 { try await seeder.run() }
        }
        throw Refusal.unknownProduct
    }

    private func change(
        _ id: String,
        _ script: ValkeyCommand,
        before: StoredCart,
        product: String,
        facts: ProductFacts
    ) async throws -> Cart {
        // The other lines' prices come along; only a line that somebody else added just now costs a third round trip.
        let others = before.lines.map(\.product).filter { $0 != product }
        let replies = try await valkey.pipeline([script] + others.map { ProductFactsReader.command($0) })
        switch replies[0] {
        case .error(let error): throw ValkeyError.server(error)
        case .integer(-1): throw Refusal.tooManyLines
        case .integer(let have): throw Refusal.tooManyPieces(have: have)
        default: break
        }
        let lines = try StoredCart(replies[0]).lines
        var known = [product: facts]
        for (other, reply) in zip(others, replies.dropFirst()) { known[other] = try ProductFactsReader.facts(reply) }
        guard lines.allSatisfy({ known[$0.product] != nil }) else { return try await priced(id, lines) }
        return Cart(id: id, lines: lines, products: known)
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
