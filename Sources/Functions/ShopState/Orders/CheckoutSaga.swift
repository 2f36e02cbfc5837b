package import ShopRules
package import Valkey

/// Places an order in steps, each of which may be repeated.
///
/// Claim the key; write the order down; reserve the pieces; charge; mark placed, with the event; confirm the pieces,
/// clear the cart, settle. Whatever kills the process between two steps, the same request or `OrderRecovery` goes on
/// from there, or undoes what was done.
package struct CheckoutSaga: Sendable {
    private let valkey: ValkeyClient
    private var orders: OrderStore
    private let carts: CartStore
    private let products: ProductFactsReader
    private let stock: StockStore
    private let payments: any PaymentProvider
    private let now: @Sendable () -> UTCTime

    package init(
        valkey: ValkeyClient,
        payments: any PaymentProvider,
        now: @escaping @Sendable () -> UTCTime = SystemTime.now
    ) {
        self.valkey = valkey
        orders = OrderStore(valkey: valkey)
        carts = CartStore(valkey: valkey)
        products = ProductFactsReader(valkey: valkey)
        stock = StockStore(valkey: valkey)
        self.payments = payments
        self.now = now
    }

    /// Places an order, or says what came of it before.
    ///
    /// - Parameters:
    ///   - request: What is asked for.
    ///   - key: Tells this request from all others.
    ///   - deadline: When the caller stops waiting.
    ///   - isRetry: Whether a process died under this very request; then nobody works on its order any more.
    /// - Returns: What came of it, the same for every request with the key.
    /// - Throws: ``CheckoutRefusal``, `ValkeyError`.
    package func place(
        _ request: CheckoutRequest,
        key: IdempotencyKey,
        until deadline: ContinuousClock.Instant,
        isRetry: Bool = false
    ) async throws -> CheckoutAnswer {
        // Each run owns its order under a name of its own.
        var run = self
        run.orders = OrderStore(valkey: valkey)
        return try await run.run(request, key: key, until: deadline, isRetry: isRetry)
    }

    private func run(
        _ request: CheckoutRequest,
        key: IdempotencyKey,
        until deadline: ContinuousClock.Instant,
        isRetry: Bool
    ) async throws -> CheckoutAnswer {
        // Several slots, one wait.
        let early = try await valkey.pipeline([
            orders.claiming(key, fingerprint: request.fingerprint, isForced: isRetry), CartStore.reading(request.cart),
            ProductFactsReader.version,
        ])
        var claim = try OrderStore.claim(early[0])
        var waits = 0
        while case .busy = claim {
            // Whoever works on it has the answer soon, and it is the answer to this request too.
            guard ContinuousClock.now + .seconds(1) < deadline else { throw CheckoutRefusal.underWay }
            try await Task.sleep(for: .milliseconds(min(20 << waits, 200)))
            waits = min(waits + 1, 4)
            claim = try await orders.claim(key, fingerprint: request.fingerprint)
        }
        switch claim {
        case .busy: throw CheckoutRefusal.underWay
        case .reused: throw CheckoutRefusal.keyReused
        case .answered(let order, let status, let body, let unsettled):
            if status == 201 {
                if let unsettled { try? await settle(unsettled) }
                return .placed(order: order, body: body)
            }
            if let unsettled { try? await letGo(unsettled) }
            return .declined(order: order, reason: String(decoding: body, as: UTF8.self))
        case .undoing(let record):
            try await guarded(record.id) {
                try await payments.void(record.id)
                try await letGo(record)
            }
            // The key is free again.
            return try await run(request, key: key, until: deadline, isRetry: false)
        case .new(let order):
            Failpoint.pass("claimed")
            guard waits == 0 else { return try await begin(order, request, deadline) }
            return try await begin(order, request, CartStore.lines(early[1]), version: early[2], deadline)
        case .resumed(let order, nil):
            return try await begin(order, request, deadline)
        case .resumed(_, let record?):
            return try await guarded(record.id) { try await proceed(record, request.card, deadline, isResumed: true) }
        }
    }

    private func begin(
        _ order: String,
        _ request: CheckoutRequest,
        _ deadline: ContinuousClock.Instant
    ) async throws -> CheckoutAnswer {
        try await begin(order, request, carts.lines(request.cart), version: .null, deadline)
    }

    /// Begins an order; the version is the catalogue's as it was read along with the lines, null where it was not.
    private func begin(
        _ order: String,
        _ request: CheckoutRequest,
        _ lines: [CartLine],
        version: ValkeyValue,
        _ deadline: ContinuousClock.Instant
    ) async throws -> CheckoutAnswer {
        try await guarded(order) {
            let facts = try await products.read(lines.map(\.product), version: version)
            let cart = Cart(id: request.cart, lines: lines, products: facts)
            guard !cart.items.isEmpty else {
                try await orders.finish(order)
                throw CheckoutRefusal.cartEmpty
            }
            if let seen = request.cartVersion, seen != cart.version {
                try await orders.finish(order)
                throw CheckoutRefusal.cartChanged(version: cart.version)
            }
            let grams = cart.items.reduce(0) { $0 + (facts[$1.productId]?.weight ?? 0) * $1.quantity }
            // A request's country has a zone, or it would not have been accepted.
            let zone = ShippingZone(country: request.address.country) ?? .world
            let record = OrderRecord(id: order, cart: cart, grams: grams, request: request, zone: zone)
            try await orders.record(record)
            Failpoint.pass("recorded")
            return try await proceed(record, request.card, deadline, isResumed: false)
        }
    }

    /// From an order that is written down to its end.
    private func proceed(
        _ record: OrderRecord,
        _ card: Card,
        _ deadline: ContinuousClock.Instant,
        isResumed: Bool
    ) async throws -> CheckoutAnswer {
        let shortages = try await stock.reserve(record.lines, for: record.id)
        Failpoint.pass("reserved")
        guard shortages.isEmpty else {
            try await orders.cancel(record.id)
            Failpoint.pass("cancelling")
            // Only an earlier run can have charged it.
            if isResumed { try await payments.void(record.id) }
            try await letGo(record)
            throw CheckoutRefusal.notEnoughStock(shortages)
        }
        let time = min(.seconds(8), ContinuousClock.now.duration(to: deadline) - .seconds(3))
        let payment: PaymentState
        do {
            payment = try await payments.charge(record.id, record.total, card, within: max(time, .milliseconds(100)))
        } catch let failure as PaymentFailure {
            throw CheckoutRefusal.paymentUnknown(order: record.id, failure)
        }
        Failpoint.pass("charged")
        switch payment {
        case .charged(let reference):
            let body = try await orders.place(record, reference: reference, at: now())
            Failpoint.pass("placed")
            // It is placed whatever happens now; what is left, recovery does too.
            try? await settle(record)
            return .placed(order: record.id, body: body)
        case .declined(let reason):
            try await orders.decline(record.id, reason: reason)
            Failpoint.pass("declining")
            // It is declined whatever happens now; what is left, recovery does too.
            try? await letGo(record)
            return .declined(order: record.id, reason: reason)
        case .voided, .unknown:
            // Recovery undoes it; the next request with the key begins anew.
            throw LostOrder(order: record.id)
        }
    }

    private func settle(_ record: OrderRecord) async throws {
        try await OrderSettling(valkey: valkey, orders: orders).run(record)
    }

    /// Gives back what is held for an order that is undone, and ends it.
    private func letGo(_ record: OrderRecord) async throws {
        try await stock.release(record.lines, of: record.id)
        Failpoint.pass("released")
        try await orders.finish(record.id)
    }

    /// Leaves an order that could not be finished, so that the next request need not wait for the lease to end.
    private func guarded<Result>(_ order: String, _ work: () async throws -> Result) async throws -> Result {
        do {
            return try await work()
        } catch let refusal as CheckoutRefusal {
            if case .paymentUnknown = refusal { try? await orders.leave(order, lookAgainIn: .seconds(5)) }
            throw refusal
        } catch is LostOrder {
            throw CheckoutRefusal.underWay
        } catch let failure as PaymentFailure {
            try? await orders.leave(order, lookAgainIn: .seconds(5))
            throw CheckoutRefusal.paymentUnknown(order: order, failure)
        } catch let error as ValkeyError {
            try? await orders.leave(order, lookAgainIn: .seconds(5))
            throw error
        }
    }
}

/// What is left to do for an order that is placed.
struct OrderSettling: Sendable {
    let valkey: ValkeyClient
    let orders: OrderStore

    func run(_ record: OrderRecord) async throws {
        // The order stays pending until both are done: the pieces are sold, and the cart is cleared.
        let replies = try await valkey.pipeline(
            StockStore.confirmation(record.lines, of: record.id)
                + [CartStore.takingOut(record.lines, of: record.cart, for: record.id)]
        )
        try StockStore.checkConfirmation(replies.dropLast(), record.lines, of: record.id)
        Failpoint.pass("confirmed")
        if case .error(let error)? = replies.last { throw ValkeyError.server(error) }
        Failpoint.pass("cleared")
        try await orders.finish(record.id)
        Failpoint.pass("settled")
    }
}
