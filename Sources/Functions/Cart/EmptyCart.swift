package import FunctionKit
internal import ShopHTTP
internal import ShopState

/// `DELETE /api/carts/{cart}`: removes everything.
package struct EmptyCart: HTTPFunction {
    private let carts: CartStore

    package init(context: FunctionContext) {
        carts = CartStore(valkey: context.valkey)
    }

    package func handle(_ request: HTTPRequest, _ invocation: Invocation) async throws -> HTTPResponse {
        try await answering {
            try await carts.empty(try request.cartID())
            return .empty()
        }
    }
}
