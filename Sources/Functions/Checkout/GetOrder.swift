package import FunctionKit
internal import ShopHTTP
internal import ShopRules
internal import ShopState

/// `GET /api/orders/{order}`: an order, to whoever knows its id.
package struct GetOrder: HTTPFunction {
    private let orders: OrderStore

    package init(context: FunctionContext) {
        orders = OrderStore(valkey: context.valkey)
    }

    package func handle(_ request: HTTPRequest, _ invocation: Invocation) async throws -> HTTPResponse {
        try await answering {
            let id = try request.pathParameters.require("order")
            guard let order = try await orders.find(id), let record = order.record else {
                throw Problem.shop(
                    "order-not-found",
                    .notFound,
                    "Order Not Found",
                    "There is no order '\(id.prefix(80))'."
                )
            }
            return try .json(
                OrderView(record, status: order.status, placedAt: order.placedAt, reference: order.reference)
            )
        }
    }
}
