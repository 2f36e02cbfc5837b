import FunctionKit
import ShopHTTP
import ShopRules
import ShopState

/// `GET /api/products/search`: the products that words find, best match first.
struct SearchProducts: HTTPFunction {
    private let catalog: CatalogStore

    init(context: FunctionContext) throws {
        catalog = CatalogStore(valkey: try context.makeValkey())
    }

    func handle(_ request: HTTPRequest, _ invocation: Invocation) async throws -> HTTPResponse {
        try await answering {
            let query = try SearchQuery(request.query.pairs)
            return .bytes(try await catalog.search(query).json, contentType: "application/json")
        }
    }
}
