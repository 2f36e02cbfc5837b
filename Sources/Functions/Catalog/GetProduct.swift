package import FunctionKit
internal import ShopHTTP
internal import ShopRules
internal import ShopState

/// `GET /api/products/{product}`: one product with its stock; 304 when the client has it already.
package struct GetProduct: HTTPFunction {
    private let catalog: CatalogStore

    package init(context: FunctionContext) {
        catalog = CatalogStore(valkey: context.valkey)
    }

    package func handle(_ request: HTTPRequest, _ invocation: Invocation) async throws -> HTTPResponse {
        try await answering {
            let id = try request.pathParameters.require("product")
            guard let found = try await catalog.find(id) else { throw Problem.productNotFound(id) }
            let tag = found.product.entityTag(stock: found.stock)
            let headers: HTTPHeaders = ["etag": tag, "cache-control": "no-cache"]
            if request.headers.all("if-none-match").contains(where: { EntityTag.matches($0, tag) }) {
                return .empty(status: .notModified, headers: headers)
            }
            return .bytes(found.product.json(stock: found.stock), contentType: "application/json", headers: headers)
        }
    }
}
