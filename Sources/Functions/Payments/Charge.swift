package import FunctionKit
internal import ShopHTTP
internal import ShopRules
internal import ShopState

/// `POST /api/payments`: the stand-in payment provider charges a card, once for each key.
package struct Charge: HTTPFunction {
    private let ledger: PaymentLedger

    package init(context: FunctionContext) {
        ledger = PaymentLedger(valkey: context.valkey)
    }

    package func handle(_ request: HTTPRequest, _ invocation: Invocation) async throws -> HTTPResponse {
        try await answering {
            let key = try request.idempotencyKey().escaped
            let wanted = try ChargeRequest(try await request.jsonBody(), now: SystemTime.now())
            let behaviour = CardBehaviour(wanted.card)
            if behaviour == .slow { try await Task.sleep(for: .seconds(6)) }
            if behaviour == .failsBefore { throw Self.failure }
            Failpoint.pass("charge-received")
            let (entry, isFirst) = try await ledger.book(key, wanted, declined: behaviour.reasonToDecline)
            Failpoint.pass("charge-booked")
            if behaviour == .failsAfter, isFirst { throw Self.failure }
            return try Self.answer(entry, wanted, key)
        }
    }

    private static func answer(
        _ entry: PaymentLedger.Entry,
        _ wanted: ChargeRequest,
        _ key: String
    ) throws -> HTTPResponse {
        switch entry.state {
        case .charged where entry.amount != wanted.amount:
            throw Problem.shop(
                "key-reused",
                .conflict,
                "Key Reused",
                "This Idempotency-Key was used with another amount. Send a new key with a new payment."
            )
        case .charged: return try .json(PaymentView(key, entry))
        case .declined(let reason): throw Problem.declined(reason)
        case .voided, .unknown:
            throw Problem.shop(
                "payment-voided",
                .conflict,
                "Payment Voided",
                "This payment was voided; its key can never be charged."
            )
        }
    }

    private static let failure = Problem.shop(
        "provider-failed",
        .serviceUnavailable,
        "Provider Failed",
        "The payment provider failed, as this test card asks. Repeat the request with the same key.",
        headers: ["retry-after": "1"]
    )
}
