package import FunctionKit
internal import ShopHTTP
internal import ShopRules
internal import ShopState

/// `GET /api/payments/{payment}`: how the payment of a key stands.
package struct GetPayment: HTTPFunction {
    private let ledger: PaymentLedger

    package init(context: FunctionContext) {
        ledger = PaymentLedger(valkey: context.valkey)
    }

    package func handle(_ request: HTTPRequest, _ invocation: Invocation) async throws -> HTTPResponse {
        try await answering {
            let key = try request.paymentKey()
            let entry: PaymentLedger.Entry? = try await ledger.find(key)
            guard let entry else { throw Problem.paymentNotFound }
            return try .json(PaymentView(key, entry))
        }
    }
}

/// `DELETE /api/payments/{payment}`: gives the money back, or bars the key from ever being charged.
///
/// Only for whoever shows the secret that the shop and its provider share.
package struct VoidPayment: HTTPFunction {
    private let ledger: PaymentLedger
    private let secret: PaymentSecret

    package init(context: FunctionContext) {
        ledger = PaymentLedger(valkey: context.valkey)
        secret = PaymentSecret(context.environment["PAYMENT_SECRET"], valkey: context.valkey)
    }

    package func handle(_ request: HTTPRequest, _ invocation: Invocation) async throws -> HTTPResponse {
        try await answering {
            let key = try request.paymentKey()
            guard try await secret.isShown(in: request.headers["authorization"]) else { throw Problem.secretMissing }
            let entry: PaymentLedger.Entry? = try await ledger.void(key)
            Failpoint.pass("void-booked")
            guard let entry else { throw Problem.paymentNotFound }
            return try .json(PaymentView(key, entry))
        }
    }
}

extension HTTPRequest {
    fileprivate func paymentKey() throws -> String { try IdempotencyKey(pathParameters.require("payment")).escaped }
}

extension Problem {
    fileprivate static let secretMissing = shop(
        "secret-missing",
        .unauthorized,
        "Secret Missing",
        "Only the shop may void a payment. Send 'Authorization: Bearer SECRET' with the value of PAYMENT_SECRET.",
        headers: ["www-authenticate": "Bearer"]
    )

    fileprivate static let paymentNotFound = shop(
        "payment-not-found",
        .notFound,
        "Payment Not Found",
        "Nothing was charged with this key."
    )
}
