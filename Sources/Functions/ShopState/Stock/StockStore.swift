package import ShopRules
package import Valkey

/// The pieces of products: available, reserved for an order, or sold.
package struct StockStore: Sendable {
    /// How long a reservation stands before somebody looks whether its order still needs it.
    static let reservationLifetime: Duration = .seconds(120)

    private let valkey: ValkeyClient

    package init(valkey: ValkeyClient) {
        self.valkey = valkey
    }

    /// A line for which there are not enough pieces.
    package struct Shortage: Hashable, Sendable {
        package var line: CartItem
        package var available: Int
    }

    /// Holds the pieces of all lines for an order, or renews that, in one round trip.
    ///
    /// - Returns: the lines that could not be held; the others are.
    func reserve(_ lines: [CartItem], for order: String) async throws -> [Shortage] {
        let lifetime = Self.reservationLifetime.milliseconds
        let replies = try await run(StockScripts.reserve, lines) { [order, $0.quantity, lifetime] }
        return try zip(lines, replies).compactMap { line, reply in
            let result = try [Int](reply)
            return result.first == 1 ? nil : Shortage(line: line, available: result.last ?? 0)
        }
    }

    /// What turns an order's reservations into sales, a command for each line.
    static func confirmation(_ lines: [CartItem], of order: String) -> [ValkeyCommand] {
        lines.map {
            ValkeyCommand(StockScripts.confirm, keys: keys($0.productId), arguments: [order, $0.quantity])
        }
    }

    /// Reads the replies to the confirmation of lines.
    ///
    /// - Throws: ``LostReservation`` when pieces are gone; then somebody changed the stock by hand.
    static func checkConfirmation(_ replies: some Sequence<ValkeyValue>, _ lines: [CartItem], of order: String) throws {
        for (line, reply) in zip(lines, replies) where try Int(reply) != 1 {
            throw LostReservation(order: order, product: line.productId)
        }
    }

    /// Gives back what is held for an order, in one round trip.
    func release(_ lines: [CartItem], of order: String) async throws {
        for reply in try await run(StockScripts.release, lines, { _ in [order] }) { _ = try Int(reply) }
    }

    /// Gives back what is held of one product for an order.
    func release(_ product: String, of order: String) async throws {
        _ = try await valkey.eval(StockScripts.release, keys: Self.keys(product), arguments: [order])
    }

    /// Reservations that expired, as product and order.
    func expired(_ products: [String]) async throws -> [(product: String, order: String)] {
        let now = try await valkey.milliseconds()
        let commands = products.map {
            ValkeyCommand("ZRANGEBYSCORE", Keys.reservationExpiry($0), "-inf", now, "LIMIT", 0, 100)
        }
        var found: [(product: String, order: String)] = []
        for (product, reply) in zip(products, try await valkey.pipeline(commands)) {
            for order in try [String](reply) { found.append((product, order)) }
        }
        return found
    }

    private func run(
        _ script: ValkeyScript,
        _ lines: [CartItem],
        _ arguments: (CartItem) -> [any ValkeyArgument]
    ) async throws -> [ValkeyValue] {
        let replies = try await valkey.pipeline(
            lines.map { ValkeyCommand(script, keys: Self.keys($0.productId), arguments: arguments($0)) }
        )
        for reply in replies {
            if case .error(let error) = reply { throw ValkeyError.server(error) }
        }
        return replies
    }

    private static func keys(_ product: String) -> [any ValkeyArgument] {
        [Keys.stock(product), Keys.reservations(product), Keys.reservationExpiry(product), Keys.sales(product)]
    }
}

/// An order that is placed has no reservation and there are no pieces left.
package struct LostReservation: Error, CustomStringConvertible {
    package var order: String
    package var product: String

    package var description: String {
        "order \(order) is placed, but nothing of \(product) is reserved for it and there is not enough in stock"
    }
}

extension ValkeyClient {
    /// The server's clock, in milliseconds since 1970.
    func milliseconds() async throws -> Int {
        let time = try [Int](try await send(ValkeyCommand("TIME")))
        guard time.count == 2 else { throw ValkeyError.unexpectedReply("TIME gives two numbers") }
        return time[0] * 1_000 + time[1] / 1_000
    }
}
