package import FunctionKit
internal import ShopHTTP
internal import ShopState

/// `DELETE /api/carts/{cart}/items/{product}`: removes a product, also one that is not there.
package struct RemoveCartItem: HTTPFunction {
    private let carts: CartStore

    package init(context: FunctionContext) {
        carts = CartStore(valkey: context.valkey)
    }

    package func handle(_ request: HTTPRequest, _ invocation: Invocation) async throws -> HTTPResponse {
        try await answering {
            let cart = try request.cartID()
            try await carts.remove(try request.pathParameters.require("product"), from: cart)
            return .empty()
        }
    }
}
