import JSON
import ShopRules
import ShopState
import ShopTestSupport
import Testing
import Valkey
import ValkeyTestSupport

/// The shop's rules and state on a Valkey of its own, with the stand-in provider's books but no HTTP between.
struct SagaShop: Sendable {
    /// What the shop's state is on; it ends with the shop.
    private let server: any Sendable
    let valkey: ValkeyClient
    let carts: CartStore
    let saga: CheckoutSaga

    init() async throws {
        let server = try await ValkeyServer()
        let patient = ValkeyConfiguration(timeout: .seconds(60), connectionPatience: .seconds(60))
        try await self.init(server, ValkeyClient(server.url, configuration: patient))
    }

    /// A shop on a cluster.
    init(_ cluster: ValkeyCluster, _ configuration: ValkeyConfiguration) async throws {
        try await self.init(cluster, ValkeyClient(cluster.url, configuration: configuration))
    }

    private init(_ server: any Sendable, _ valkey: ValkeyClient) async throws {
        self.server = server
        self.valkey = valkey
        carts = CartStore(valkey: valkey)
        saga = CheckoutSaga(valkey: valkey, payments: PaymentLedger(valkey: valkey))
        _ = try await CatalogStore(valkey: valkey).find("walnut-pen")
    }

    func fill(_ cart: String, _ product: String = "walnut-pen", _ quantity: Int = 1) async throws {
        _ = try await carts.add(product, quantity: quantity, to: cart)
    }

    func checkout(
        _ cart: String,
        key: String,
        card: String = "4242424242424242",
        version: String? = nil,
        patience: Duration = .seconds(600)
    ) async throws -> CheckoutAnswer {
        let body = Customers.checkout(cart: cart, card: card, version: version)
        return try await saga.place(
            CheckoutRequest(body, now: SystemTime.now()),
            key: IdempotencyKey(key),
            until: .now + patience
        )
    }

    func recover(patience: Duration = .seconds(120)) async throws -> OrderRecovery.Summary {
        // What is left alone for a while is due now.
        for partition in 0..<IdempotencyKey.partitions {
            let key = Keys.pending(partition)
            for order in try await valkey.send(ValkeyCommand("ZRANGE", key, 0, -1), as: [String].self) {
                _ = try await valkey.send(ValkeyCommand("ZADD", key, 0, order))
            }
        }
        let ledger = PaymentLedger(valkey: valkey)
        return try await OrderRecovery(valkey: valkey, payments: ledger, patience: patience).run(
            until: .now + .seconds(600)
        )
    }

    func examine() async throws -> ShopDoctor.Report { try await ShopDoctor(valkey: valkey).examine() }

    func stock(_ product: String, _ field: String) async throws -> Int {
        try await valkey.send(ValkeyCommand("HGET", Keys.stock(product), field), as: Int.self)
    }

    /// Starts over with a given number of pieces.
    func setStock(_ product: String, _ pieces: Int) async throws {
        _ = try await valkey.send(
            ValkeyCommand("HSET", Keys.stock(product), "initial", pieces, "available", pieces)
        )
    }
}

extension CheckoutAnswer {
    var order: String {
        switch self {
        case .placed(let order, _), .declined(let order, _): order
        }
    }
}
