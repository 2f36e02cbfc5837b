package import FunctionKit
internal import ShopHTTP
internal import ShopRules
internal import ShopState

/// `POST /api/carts/{cart}/merge`: moves another cart's lines into this one; repeated, it adds nothing.
package struct MergeCarts: HTTPFunction {
    private let carts: CartStore

    package init(context: FunctionContext) {
        carts = CartStore(valkey: context.valkey)
    }

    package func handle(_ request: HTTPRequest, _ invocation: Invocation) async throws -> HTTPResponse {
        try await answering {
            let cart = try request.cartID()
            let wanted = try MergeCartsRequest(try await request.jsonBody(), into: cart)
            return .cart(try await carts.merge(wanted.from, into: cart))
        }
    }
}
