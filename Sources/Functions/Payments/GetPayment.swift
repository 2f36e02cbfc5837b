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
package struct VoidPayment: HTTPFunction {
    private let ledger: PaymentLedger

    package init(context: FunctionContext) {
        ledger = PaymentLedger(valkey: context.valkey)
    }

    package func handle(_ request: HTTPRequest, _ invocation: Invocation) async throws -> HTTPResponse {
        try await answering {
            let key = try request.paymentKey()
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
    fileprivate static let paymentNotFound = shop(
        "payment-not-found",
        .notFound,
        "Payment Not Found",
        "Nothing was charged with this key."
    )
}
