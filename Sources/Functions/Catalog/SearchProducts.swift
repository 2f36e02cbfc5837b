package import FunctionKit
internal import ShopHTTP
internal import ShopRules
internal import ShopState

/// `GET /api/products/search`: the products that words find, best match first.
package struct SearchProducts: HTTPFunction {
    private let catalog: CatalogStore

    package init(context: FunctionContext) {
        catalog = CatalogStore(valkey: context.valkey)
    }

    package func handle(_ request: HTTPRequest, _ invocation: Invocation) async throws -> HTTPResponse {
        try await answering {
            let query = try SearchQuery(request.query.pairs)
            return .bytes(try await catalog.search(query).json, contentType: "application/json")
        }
    }
}
