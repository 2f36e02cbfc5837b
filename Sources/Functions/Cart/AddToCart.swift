package import FunctionKit
internal import ShopHTTP
internal import ShopRules
internal import ShopState

/// `POST /api/carts/{cart}/items`: adds pieces of a product; concurrent adds all count.
package struct AddToCart: HTTPFunction {
    private let carts: CartStore

    package init(context: FunctionContext) {
        carts = CartStore(valkey: context.valkey)
    }

    package func handle(_ request: HTTPRequest, _ invocation: Invocation) async throws -> HTTPResponse {
        try await answering {
            let cart = try request.cartID()
            let wanted = try AddToCartRequest(try await request.jsonBody())
            do {
                return .cart(try await carts.add(wanted.product, quantity: wanted.quantity, to: cart))
            } catch let refusal as CartStore.Refusal {
                throw Problem.of(refusal, product: wanted.product, place: .body(pointer: "/quantity"))
            }
        }
    }
}
