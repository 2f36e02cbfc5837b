internal import JSON
package import ShopRules
package import Valkey

/// The orders: who works on each, where it stands, and what was answered.
package struct OrderStore: Sendable {
    /// How long somebody may work on an order before others take it over; longer than any handler runs.
    static let lease: Duration = .seconds(20)
    /// How long a key finds its order.
    static let keyLifetime: Duration = .seconds(24 * 3_600)

    private let valkey: ValkeyClient
    /// Tells this run from all others, also from those in the same process.
    let owner = String(UInt64.random(in: 0 ... .max), radix: 36)

    package init(valkey: ValkeyClient) {
        self.valkey = valkey
    }

    /// What came of claiming a key.
    enum Claim: Sendable {
        case new(String)
        /// The order was begun by somebody who is gone; with its record if it was written down.
        case resumed(String, OrderRecord?)
        /// The order was being cancelled by somebody who is gone; its record.
        case undoing(OrderRecord)
        /// Somebody works on it.
        case busy
        /// It was answered; with its record if something is left to do by somebody who is gone.
        case answered(String, status: Int, body: [UInt8], unsettled: OrderRecord?)
        /// The key was used with another body.
        case reused
    }

    /// An order as it stands.
    package struct Stored: Sendable {
        package var status: OrderStatus
        package var record: OrderRecord?
        package var begun: Int
        package var placedAt: UTCTime?
        package var reference: String?
        package var isSettled: Bool
    }

    /// Claims a key for a request.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - fingerprint: Tells what the request asks for.
    ///   - isForced: Whether to take the order over from whoever owns it; harmless, as he finds out, but unkind.
    /// - Returns: What came of it.
    /// - Throws: `ValkeyError`.
    func claim(_ key: IdempotencyKey, fingerprint: String, isForced: Bool = false) async throws -> Claim {
        try Self.claim(try await valkey.send(claiming(key, fingerprint: fingerprint, isForced: isForced)))
    }

    /// What claims a key, for a pipeline.
    func claiming(_ key: IdempotencyKey, fingerprint: String, isForced: Bool = false) -> ValkeyCommand {
        var generator = SystemRandomNumberGenerator()
        let new = OrderID.make(partition: key.partition, using: &generator)
        return ValkeyCommand(
            OrderScripts.claim,
            keys: [
                Keys.idempotency(key), Keys.pending(key.partition), Keys.orders(key.partition),
                Keys.order(new, partition: key.partition),
            ],
            arguments: [
                fingerprint, new, owner,
                Self.lease.milliseconds, Keys.order("", partition: key.partition), Self.keyLifetime.milliseconds,
                isForced ? 1 : 0,
            ]
        )
    }

    /// Reads the reply to the claim of a key.
    static func claim(_ reply: ValkeyValue) throws -> Claim {
        if case .error(let error) = reply { throw ValkeyError.server(error) }
        guard let parts = reply.array, parts.count >= 2, let order = parts[1].string else {
            throw ValkeyError.unexpectedReply("a claim has no such reply")
        }
        switch parts[0].string {
        case "new": return .new(order)
        case "busy": return .busy
        case "reused": return .reused
        case "answered" where parts.count == 5:
            let record = try record(parts[4])
            return .answered(order, status: parts[2].int ?? 0, body: parts[3].bytes ?? [], unsettled: record)
        case "undoing" where parts.count == 3:
            guard let record = try record(parts[2]) else { throw LostOrder(order: order) }
            return .undoing(record)
        case "resumed" where parts.count == 4:
            return .resumed(order, try record(parts[3]))
        default: throw ValkeyError.unexpectedReply("a claim has no such reply")
        }
    }

    private static func record(_ reply: ValkeyValue) throws -> OrderRecord? {
        guard let bytes = reply.bytes, !bytes.isEmpty else { return nil }
        return try JSONCoder.decode(OrderRecord.self, from: bytes)
    }

    /// An order, or nil if there is none.
    package func find(_ id: String) async throws -> Stored? {
        guard let partition = OrderID.partition(id) else { return nil }
        let reply = try await valkey.send(
            ValkeyCommand(
                "HMGET",
                Keys.order(id, partition: partition),
                "status",
                "record",
                "begun",
                "placedAt",
                "reference",
                "settled"
            )
        )
        let fields = try [[UInt8]?](reply).map { $0.map { String(decoding: $0, as: UTF8.self) } }
        guard fields.count == 6, let status = fields[0].flatMap({ OrderStatus(rawValue: $0) }) else { return nil }
        return Stored(
            status: status,
            record: try fields[1].map { try JSONCoder.decode(OrderRecord.self, from: Array($0.utf8)) },
            begun: fields[2].flatMap { Int($0) } ?? 0,
            placedAt: fields[3].flatMap { Int($0) }.map { UTCTime(milliseconds: $0) },
            reference: fields[4],
            isSettled: fields[5] == "1"
        )
    }

    /// Writes an order down.
    func record(_ record: OrderRecord) async throws {
        try await change(record.id, OrderScripts.record, [owner, record.json])
    }

    /// Marks an order placed, with its answer and its event.
    ///
    /// - Returns: the answer's body.
    func place(_ record: OrderRecord, reference: String, at time: UTCTime) async throws -> [UInt8] {
        let view = OrderView(record, status: .placed, placedAt: time, reference: reference)
        let body = view.json
        let news = try JSONCoder.encode(OrderNews(reference: reference, placedAt: time.text))
        let partition = try Self.partition(record.id)
        try await change(
            record.id,
            OrderScripts.place,
            [owner, reference, 201, body, news, time.milliseconds, record.id, Self.keyLifetime.milliseconds],
            also: [Keys.outbox(partition)]
        )
        return body
    }

    /// Decides that an order is cancelled.
    func cancel(_ id: String) async throws {
        try await change(id, OrderScripts.undo, [owner, OrderStatus.cancelling.rawValue])
    }

    /// Decides that an order's card was declined; from now on every request with its key is told so.
    func decline(_ id: String, reason: String) async throws {
        try await change(id, OrderScripts.undo, [owner, OrderStatus.declining.rawValue, 402, reason])
    }

    /// Ends an order of which nothing is left to do.
    func finish(_ id: String) async throws {
        let pending = Keys.pending(try Self.partition(id))
        try await change(id, OrderScripts.finish, [owner, id], also: [pending])
    }

    /// Gives an order up for whoever comes next.
    func leave(_ id: String, lookAgainIn delay: Duration) async throws {
        let pending = Keys.pending(try Self.partition(id))
        try await change(id, OrderScripts.leave, [owner, id, delay.milliseconds], also: [pending])
    }

    /// Takes over orders that nobody works on.
    func takeOver(partition: Int, atMost count: Int) async throws -> [String] {
        try await valkey.eval(
            OrderScripts.takeOver,
            keys: [Keys.pending(partition)],
            arguments: [owner, Self.lease.milliseconds, count, Keys.order("", partition: partition)],
            as: [String].self
        )
    }

    private func change(
        _ id: String,
        _ script: ValkeyScript,
        _ arguments: [any ValkeyArgument],
        also keys: [String] = []
    ) async throws {
        let order = Keys.order(id, partition: try Self.partition(id))
        let done = try await valkey.eval(script, keys: [order] + keys, arguments: arguments, as: Int.self)
        if done != 1 { throw LostOrder(order: id) }
    }

    private static func partition(_ id: String) throws -> Int {
        guard let partition = OrderID.partition(id) else { throw LostOrder(order: id) }
        return partition
    }
}

/// Somebody else has taken the order over, or it went another way already.
package struct LostOrder: Error, CustomStringConvertible {
    package var order: String

    package var description: String { "order \(order) is somebody else's by now" }
}

/// What the event of an order that was placed says beyond the order's record.
private struct OrderNews: Encodable {
    var reference: String
    var placedAt: String
}

/// The event of an order that was placed, as it stands in the outbox.
package struct OrderEvent: Codable, Sendable {
    package var record: OrderRecord
    package var reference: String
    package var placedAt: String
}
