package import FunctionKit
internal import ShopHTTP
internal import ShopState

/// `GET /api/carts/{cart}`: a cart with what it costs now; an unknown cart is an empty one.
package struct GetCart: HTTPFunction {
    private let carts: CartStore

    package init(context: FunctionContext) {
        carts = CartStore(valkey: context.valkey)
    }

    package func handle(_ request: HTTPRequest, _ invocation: Invocation) async throws -> HTTPResponse {
        try await answering { .cart(try await carts.cart(try request.cartID())) }
    }
}
