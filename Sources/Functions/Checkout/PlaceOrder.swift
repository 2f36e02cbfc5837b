package import FunctionKit
internal import HTTPTransfer
internal import ShopHTTP
internal import ShopRules
internal import ShopState

/// `POST /api/checkout`: places an order for a cart, once for each key, whatever is killed meanwhile.
package struct PlaceOrder: HTTPFunction {
    private let saga: CheckoutSaga

    package init(context: FunctionContext) {
        saga = CheckoutSaga(
            valkey: context.valkey,
            payments: HTTPPayments(context.environment, client: HTTPClient(), valkey: context.valkey)
        )
    }

    package func handle(_ request: HTTPRequest, _ invocation: Invocation) async throws -> HTTPResponse {
        try await answering {
            let key = try request.idempotencyKey()
            let wanted = try CheckoutRequest(try await request.jsonBody(), now: SystemTime.now())
            do {
                switch try await saga.place(wanted, key: key, until: invocation.deadline, isRetry: invocation.isRetry) {
                case .placed(let order, let body):
                    return .bytes(
                        body,
                        contentType: "application/json",
                        status: .created,
                        headers: ["location": "/api/orders/\(order)"]
                    )
                case .declined(let order, let reason):
                    throw Problem.declined(reason, order: order)
                }
            } catch let refusal as CheckoutRefusal {
                throw Problem.of(refusal)
            }
        }
    }
}
