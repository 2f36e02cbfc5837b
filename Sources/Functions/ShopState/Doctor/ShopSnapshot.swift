internal import JSON
package import ShopRules
package import Valkey

/// All of the shop's state that has to fit together, as it was read; not all of it at one moment.
package struct ShopSnapshot: Sendable {
    /// A product's pieces.
    package struct Stock: Hashable, Sendable {
        package var initial: Int
        package var available: Int
        package var reserved: Int
        package var sold: Int
        package var reservations: [String: Int]
        package var sales: [String: Int]
    }

    /// An order.
    package struct Order: Hashable, Sendable {
        package var status: OrderStatus
        package var record: OrderRecord?
        package var isSettled: Bool
        package var reference: String?
        /// How many events in the outbox name it.
        package var events: Int
        package var payment: PaymentLedger.Entry?
    }

    package var stock: [String: Stock] = [:]
    package var orders: [String: Order] = [:]
    /// Orders that events name and that do not exist.
    package var strayEvents: [String] = []
    /// Entries of the stand-in provider's books, by key.
    package var payments: [String: PaymentLedger.Entry] = [:]
    /// The orders that took lines out of carts, by cart.
    package var cleared: [String: [String]] = [:]

    /// Puts a snapshot together, for tests.
    package init() {}

    /// Reads the shop.
    package init(_ valkey: ValkeyClient) async throws {
        try await readStock(valkey)
        for partition in 0..<IdempotencyKey.partitions { try await readOrders(valkey, partition) }
        try await readPayments(valkey)
        try await readCarts(valkey)
    }

    private mutating func readStock(_ valkey: ValkeyClient) async throws {
        let document = try await valkey.send(ValkeyCommand("HGET", Keys.catalog, "document"))
        for product in document.bytes.flatMap({ CatalogDocument.decode($0) })?.map(\.id) ?? [] {
            // One transaction, so that a product's numbers are of one moment.
            let replies = try await valkey.transaction([
                ValkeyCommand("HGETALL", Keys.stock(product)),
                ValkeyCommand("HGETALL", Keys.reservations(product)),
                ValkeyCommand("HGETALL", Keys.sales(product)),
            ])
            let numbers = try [String: Int](replies[0])
            stock[product] = Stock(
                initial: numbers["initial"] ?? 0,
                available: numbers["available"] ?? 0,
                reserved: numbers["reserved"] ?? 0,
                sold: numbers["sold"] ?? 0,
                reservations: try [String: Int](replies[1]),
                sales: try [String: Int](replies[2])
            )
        }
    }

    private mutating func readOrders(_ valkey: ValkeyClient, _ partition: Int) async throws {
        let ids = try await valkey.send(ValkeyCommand("ZRANGE", Keys.orders(partition), 0, -1), as: [String].self)
        for id in ids {
            let fields = try await valkey.send(
                ValkeyCommand("HGETALL", Keys.order(id, partition: partition)),
                as: [String: String].self
            )
            let payment = try await valkey.send(
                ValkeyCommand("HGETALL", Keys.payment(id)),
                as: [String: String].self
            )
            orders[id] = Order(
                status: fields["status"].flatMap { OrderStatus(rawValue: $0) } ?? .claimed,
                record: try fields["record"].map { try JSONCoder.decode(OrderRecord.self, from: Array($0.utf8)) },
                isSettled: fields["settled"] == "1",
                reference: fields["reference"],
                events: 0,
                payment: PaymentLedger.entry(payment)
            )
        }
        let events = try await valkey.send(ValkeyCommand("XRANGE", Keys.outbox(partition), "-", "+"))
        for event in events.array ?? [] {
            let fields = try [String: String](event.array?.last ?? .null)
            guard let id = fields["order"] else { continue }
            if orders[id] == nil { strayEvents.append(id) } else { orders[id]?.events += 1 }
        }
    }

    private mutating func readPayments(_ valkey: ValkeyClient) async throws {
        try await valkey.forEachKey(match: "shop:payment:{*}") { bytes in
            let key = String(decoding: bytes, as: UTF8.self)
            let id = String(key.dropFirst("shop:payment:{".count).dropLast())
            let fields = try await valkey.send(ValkeyCommand("HGETALL", key), as: [String: String].self)
            payments[id] = PaymentLedger.entry(fields)
        }
    }

    private mutating func readCarts(_ valkey: ValkeyClient) async throws {
        try await valkey.forEachKey(match: "shop:cart:{*}") { bytes in
            let key = String(decoding: bytes, as: UTF8.self)
            let fields = try await valkey.send(ValkeyCommand("HKEYS", key), as: [String].self)
            let marks = fields.filter { $0.hasPrefix(":order:") }.map { String($0.dropFirst(":order:".count)) }
            if !marks.isEmpty { cleared[String(key.dropFirst("shop:cart:{".count).dropLast())] = marks }
        }
    }
}
