package import ShopRules
package import Valkey

/// Finishes or undoes orders that nobody works on any more.
///
/// What to do follows from where an order stands and from what the payment provider says; a card's number is kept
/// nowhere, so an order that was not charged waits for its customer to try again, and is undone when he does not.
package struct OrderRecovery: Sendable {
    /// What a run did.
    package struct Summary: Hashable, Codable, Sendable {
        /// Orders that are placed and settled now.
        package var finished = 0
        /// Orders of which nothing is left.
        package var undone = 0
        /// Orders that wait for their customer or for the payment provider.
        package var waiting = 0
        /// Orders that could not be worked on; the next run tries again.
        package var failed = 0
        /// Reservations given back that no order needed any more.
        package var released = 0

        /// A run that did nothing.
        package init() {}
    }

    private enum Outcome {
        case finished
        case undone
        case waiting
    }

    private let valkey: ValkeyClient
    private var orders: OrderStore
    private let stock: StockStore
    private let payments: any PaymentProvider
    private let patience: Duration
    private let now: @Sendable () -> UTCTime
    private let report: @Sendable (String) -> Void

    /// Makes a recovery.
    ///
    /// - Parameters:
    ///   - valkey: The shop's state.
    ///   - payments: Who knows what was charged.
    ///   - patience: How long an order that was not charged waits for its customer.
    ///   - now: The time, for the order's `placedAt`.
    ///   - report: Told about each order that could not be worked on.
    package init(
        valkey: ValkeyClient,
        payments: any PaymentProvider,
        patience: Duration,
        now: @escaping @Sendable () -> UTCTime = SystemTime.now,
        report: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.valkey = valkey
        orders = OrderStore(valkey: valkey)
        stock = StockStore(valkey: valkey)
        self.payments = payments
        self.patience = patience
        self.now = now
        self.report = report
    }

    /// Works on what is due, until nothing is or the time is over.
    package func run(until deadline: ContinuousClock.Instant) async throws -> Summary {
        // Each run owns its orders under a name of its own.
        var run = self
        run.orders = OrderStore(valkey: valkey)
        return try await run.work(until: deadline)
    }

    private func work(until deadline: ContinuousClock.Instant) async throws -> Summary {
        var summary = Summary()
        for partition in 0..<IdempotencyKey.partitions {
            while ContinuousClock.now < deadline {
                let due = try await orders.takeOver(partition: partition, atMost: 16)
                for order in due { await work(on: order, &summary) }
                if due.count < 16 { break }
            }
        }
        summary.released = try await releaseOrphans()
        return summary
    }

    private func work(on order: String, _ summary: inout Summary) async {
        do {
            switch try await resolve(order) {
            case .finished: summary.finished += 1
            case .undone: summary.undone += 1
            case .waiting: summary.waiting += 1
            }
        } catch {
            summary.failed += 1
            report("order \(order) could not be recovered: \(error)")
            try? await orders.leave(order, lookAgainIn: .seconds(5))
        }
    }

    private func resolve(_ id: String) async throws -> Outcome {
        guard let order = try await orders.find(id) else { throw LostOrder(order: id) }
        switch (order.status, order.record) {
        case (.claimed, _):
            try await orders.finish(id)
            return .undone
        case (.pending, let record?):
            return try await resolve(record, begun: order.begun)
        case (.placed, let record?):
            try await OrderSettling(valkey: valkey, orders: orders).run(record)
            return .finished
        case (.cancelling, let record?):
            return try await cancel(record)
        case (.declining, let record?):
            return try await decline(record, reason: "The card was declined.")
        case (.declined, _), (.cancelled, _):
            try? await orders.finish(id)
            return .undone
        case (_, nil):
            throw LostOrder(order: id)
        }
    }

    private func resolve(_ record: OrderRecord, begun: Int) async throws -> Outcome {
        switch try await payments.find(record.id) {
        case .charged(let reference):
            guard try await stock.reserve(record.lines, for: record.id).isEmpty else { return try await cancel(record) }
            _ = try await orders.place(record, reference: reference, at: now())
            Failpoint.pass("recovery-placed")
            try await OrderSettling(valkey: valkey, orders: orders).run(record)
            return .finished
        case .declined(let reason):
            return try await decline(record, reason: reason)
        case .voided:
            return try await cancel(record)
        case .unknown:
            let age = try await valkey.milliseconds() - begun
            if age > patience.milliseconds { return try await cancel(record) }
            _ = try await stock.reserve(record.lines, for: record.id)
            try await orders.leave(record.id, lookAgainIn: .seconds(5))
            return .waiting
        }
    }

    private func cancel(_ record: OrderRecord) async throws -> Outcome {
        try await orders.cancel(record.id)
        Failpoint.pass("recovery-cancelling")
        try await payments.void(record.id)
        Failpoint.pass("recovery-voided")
        try await stock.release(record.lines, of: record.id)
        Failpoint.pass("recovery-released")
        try await orders.finish(record.id)
        return .undone
    }

    private func decline(_ record: OrderRecord, reason: String) async throws -> Outcome {
        var reason = reason
        if case .declined(let told) = try await payments.find(record.id) { reason = told }
        try await orders.decline(record.id, reason: reason)
        try await stock.release(record.lines, of: record.id)
        try await orders.finish(record.id)
        return .undone
    }

    /// Gives back what expired and belongs to an order that ended without it.
    ///
    /// Only somebody who reserved for an order after it was taken from him leaves such a thing.
    private func releaseOrphans() async throws -> Int {
        let document = try await valkey.send(ValkeyCommand("HGET", Keys.catalog, "document"))
        let products = document.bytes.flatMap { CatalogDocument.decode($0) }?.map(\.id) ?? []
        var released = 0
        for (product, order) in try await stock.expired(products) {
            switch try await orders.find(order)?.status {
            case .cancelled, .declined, nil:
                try await stock.release(product, of: order)
                released += 1
            case .claimed, .pending, .placed, .cancelling, .declining:
                continue
            }
        }
        return released
    }
}
