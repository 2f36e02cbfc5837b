package import FunctionKit
internal import ShopHTTP
internal import ShopRules
internal import ShopState

/// `GET /api/products`: a page of the products, of all or of one category, sorted.
package struct ListProducts: HTTPFunction {
    private let catalog: CatalogStore

    package init(context: FunctionContext) {
        catalog = CatalogStore(valkey: context.valkey)
    }

    package func handle(_ request: HTTPRequest, _ invocation: Invocation) async throws -> HTTPResponse {
        try await answering {
            let query = try ProductQuery(request.query.pairs)
            return .bytes(try await catalog.list(query).json, contentType: "application/json")
        }
    }
}
