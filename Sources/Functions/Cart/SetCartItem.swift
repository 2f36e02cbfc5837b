package import FunctionKit
internal import ShopHTTP
internal import ShopRules
internal import ShopState

/// `PUT /api/carts/{cart}/items/{product}`: sets the pieces of a product; none removes it.
package struct SetCartItem: HTTPFunction {
    private let carts: CartStore

    package init(context: FunctionContext) {
        carts = CartStore(valkey: context.valkey)
    }

    package func handle(_ request: HTTPRequest, _ invocation: Invocation) async throws -> HTTPResponse {
        try await answering {
            let cart = try request.cartID()
            let product = try request.pathParameters.require("product")
            let wanted = try SetCartItemRequest(try await request.jsonBody())
            do {
                return .cart(try await carts.set(product, quantity: wanted.quantity, in: cart))
            } catch let refusal as CartStore.Refusal {
                throw Problem.of(refusal, product: product, place: .path)
            }
        }
    }
}
