import FunctionKit
import ShopHTTP
import ShopRules
import ShopState

/// `GET /api/products`: a page of the products, of all or of one category, sorted.
struct ListProducts: HTTPFunction {
    private let catalog: CatalogStore

    init(context: FunctionContext) throws {
        catalog = CatalogStore(valkey: try context.makeValkey())
    }

    func handle(_ request: HTTPRequest, _ invocation: Invocation) async throws -> HTTPResponse {
        try await answering {
            let query = try ProductQuery(request.query.pairs)
            return .bytes(try await catalog.list(query).json, contentType: "application/json")
        }
    }
}
