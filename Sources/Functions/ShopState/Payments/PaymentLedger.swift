package import ShopRules
package import Valkey

/// The books of the stand-in payment provider: one entry for each key, charged at most once.
package struct PaymentLedger: Sendable {
    private let valkey: ValkeyClient

    package init(valkey: ValkeyClient) {
        self.valkey = valkey
    }

    /// An entry.
    package struct Entry: Hashable, Sendable {
        package var status: String
        package var amount: Money
        package var brand: String
        package var last4: String
        package var reference: String
        /// Why the card was declined.
        package var reason: String
        package var charges: Int
        package var refunds: Int
    }

    /// Books a charge or a refusal unless the key has an entry.
    ///
    /// - Returns: the entry, and whether this call made it.
    package func book(_ key: String, _ request: ChargeRequest, declined reason: String?) async throws -> (Entry, Bool) {
        let reference = "pay_" + String(UInt64.random(in: 0 ... .max), radix: 36)
        let reply = try await valkey.eval(
            Self.book,
            keys: [Keys.payment(key)],
            arguments: [
                reason == nil ? "charged" : "declined", request.amount.amount, request.amount.currency,
                request.card.brand.rawValue, request.card.last4, reference, reason ?? "",
            ]
        )
        guard let parts = reply.array, parts.count == 2, let entry = Self.entry(try [String: String](parts[1])) else {
            throw ValkeyError.unexpectedReply("a booking has no such reply")
        }
        return (entry, try Bool(parts[0]))
    }

    /// An entry, or nil.
    package func find(_ key: String) async throws -> Entry? {
        Self.entry(try await valkey.send(ValkeyCommand("HGETALL", Keys.payment(key)), as: [String: String].self))
    }

    /// Refunds a charge; bars a key that has none.
    package func void(_ key: String) async throws -> Entry? {
        _ = try await valkey.eval(Self.void, keys: [Keys.payment(key)])
        return try await find(key)
    }

    static func entry(_ fields: [String: String]) -> Entry? {
        guard let status = fields["status"] else { return nil }
        return Entry(
            status: status,
            amount: Money(
                currency: fields["currency"] ?? "",
                amount: fields["amount"].flatMap { Int($0) } ?? 0
            ),
            brand: fields["brand"] ?? "",
            last4: fields["last4"] ?? "",
            reference: fields["reference"] ?? "",
            reason: fields["reason"] ?? "",
            charges: fields["charges"].flatMap { Int($0) } ?? 0,
            refunds: fields["refunds"].flatMap { Int($0) } ?? 0
        )
    }

    private static let book = ValkeyScript(
        """
        local entry = redis.call('HGETALL', KEYS[1])
        if #entry > 0 then return {0, entry} end
        entry = {'status', ARGV[1], 'amount', ARGV[2], 'currency', ARGV[3], 'brand', ARGV[4], 'last4', ARGV[5],
            'reference', ARGV[6], 'reason', ARGV[7]}
        if ARGV[1] == 'charged' then
            entry[#entry + 1] = 'charges'
            entry[#entry + 1] = '1'
        end
        redis.call('HSET', KEYS[1], unpack(entry))
        return {1, entry}
        """
    )

    private static let void = ValkeyScript(
        """
        local status = redis.call('HGET', KEYS[1], 'status')
        if status == 'charged' then
            redis.call('HSET', KEYS[1], 'status', 'refunded')
            redis.call('HINCRBY', KEYS[1], 'refunds', 1)
        elseif not status then
            redis.call('HSET', KEYS[1], 'status', 'voided')
        end
        return 1
        """
    )
}

extension PaymentLedger: PaymentProvider {
    /// Books without a provider between; for tests of the saga and for shops that run all in one.
    package func charge(
        _ order: String,
        _ amount: Money,
        _ card: Card,
        within time: Duration
    ) async throws -> PaymentState {
        let behaviour = CardBehaviour(card)
        if behaviour == .failsBefore { throw PaymentFailure.unavailable("it failed") }
        let (entry, isFirst) = try await book(
            order,
            ChargeRequest(amount: amount, card: card),
            declined: behaviour.reasonToDecline
        )
        if behaviour == .failsAfter, isFirst { throw PaymentFailure.timedOut }
        return entry.state
    }

    package func find(_ order: String) async throws -> PaymentState {
        let entry: Entry? = try await find(order)
        return entry?.state ?? .unknown
    }

    package func void(_ order: String) async throws {
        let _: Entry? = try await void(order)
    }
}

extension PaymentLedger.Entry {
    /// The entry as an order sees it.
    package var state: PaymentState {
        switch status {
        case "charged": .charged(reference: reference)
        case "declined": .declined(reason: reason)
        default: .voided
        }
    }
}

extension CardBehaviour {
    /// What a customer is told of a declined card.
    package var reasonToDecline: String? {
        switch self {
        case .declined: "The card was declined by its bank."
        case .insufficientFunds: "There is not enough money on the card's account."
        default: nil
        }
    }
}
