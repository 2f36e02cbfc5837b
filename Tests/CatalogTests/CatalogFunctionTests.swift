import Catalog
import Foundation
import FunctionKit
import ShopState
import Testing
import ValkeyTestSupport

@Suite struct CatalogFunctionTests {
    private let server: ValkeyServer
    private let context: FunctionContext

    init() async throws {
        server = try await ValkeyServer()
        context = try FunctionContext(
            functionName: "catalog",
            environment: Environment(["VALKEY_URL": server.url])
        )
    }

    private func get(
        _ function: some HTTPFunction,
        _ query: String = "",
        product: String = "",
        headers: HTTPHeaders = [:]
    ) async throws -> HTTPResponse {
        let request = try HTTPRequest(
            path: "/",
            query: query,
            pathParameters: product.isEmpty ? [] : [("product", product)],
            headers: headers
        )
        return try await function.handle(request, Invocation())
    }

    private func json(_ response: HTTPResponse) async throws -> JSONValue {
        try JSONValue(parsing: try await response.collectBody())
    }

    @Test func seedsANewShopOnce() async throws {
        let lists = (0..<8).map { _ in ListProducts(context: context) }
        let totals = try await withThrowingTaskGroup(of: Int?.self) { group in
            for list in lists { group.addTask { try await json(get(list))["total"]?.intValue } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let count = try CatalogSeed.items().count
        #expect(count >= 60)
        #expect(totals == Array(repeating: count, count: lists.count))
        // What was sold stays sold when another worker starts.
        _ = try await context.valkey.send(ValkeyCommand("HSET", Keys.stock("walnut-pen"), "available", 7))
        let product = try await json(get(GetProduct(context: context), product: "walnut-pen"))
        #expect(product["stock"] == 7)
    }

    @Test func answersAProduct() async throws {
        let function = GetProduct(context: context)
        let response = try await get(function, product: "cafe-au-lait-bowl")
        let product = try await json(response)
        #expect(response.headers["content-type"] == "application/json")
        #expect(product["name"] == "Café au Lait Bowl")
        #expect(product["price"] == ["currency": "USD", "amount": 1_600])
        #expect(product["categories"] == ["kitchen", "tableware"])
        #expect(product["stock"] == 180)
        #expect(
            product.objectValue?.names == ["id", "name", "description", "categories", "picture", "price", "stock"]
        )
    }

    @Test func answers304UntilTheStockChanges() async throws {
        let function = GetProduct(context: context)
        let tag = try #require(try await get(function, product: "walnut-pen").headers["etag"])
        let again = try await get(function, product: "walnut-pen", headers: ["if-none-match": "\"x\", \(tag)"])
        #expect(again.status == .notModified)
        #expect(try await again.collectBody().isEmpty)
        _ = try await context.valkey.send(ValkeyCommand("HINCRBY", Keys.stock("walnut-pen"), "available", -1))
        let changed = try await get(function, product: "walnut-pen", headers: ["if-none-match": tag])
        #expect(changed.status == .ok)
    }

    @Test(arguments: ["no-such-product", "../x", "a b", "WALNUT-PEN", "é", String(repeating: "a", count: 300)])
    func answers404(_ id: String) async throws {
        let problem = await #expect(throws: Problem.self) { try await get(GetProduct(context: context), product: id) }
        #expect(problem?.status == .notFound)
        #expect(problem?.type == "urn:shopfn:problem:product-not-found")
    }

    @Test func listsSearchesAndPages() async throws {
        let list = ListProducts(context: context)
        let page = try await json(get(list, "category=kitchen&sort=-price&page=2&size=3"))
        let all = try await json(get(list, "category=kitchen&sort=-price&size=100"))
        #expect(page["page"] == 2)
        #expect(page["size"] == 3)
        #expect(page["total"] == all["total"])
        #expect(page["products"]?.arrayValue == all["products"]?.arrayValue.map { Array($0[3..<6]) })
        let found = try await json(get(SearchProducts(context: context), "q=creme+brul"))
        #expect(found["total"] == 1)
        #expect(found["products"]?[0]?["id"] == "creme-brulee-set")
    }

    @Test func showsStockInListsAtOnce() async throws {
        let list = ListProducts(context: context)
        _ = try await get(list)
        _ = try await context.valkey.send(ValkeyCommand("HSET", Keys.stock("alder-desk-lamp"), "available", 1))
        #expect(try await json(get(list, "size=1"))["products"]?[0]?["stock"] == 1)
    }

    @Test func takesUpANewCatalogue() async throws {
        let list = ListProducts(context: context)
        _ = try await get(list)
        // Another build's seed with a higher version, here with no product at all.
        _ = try await context.valkey.send(ValkeyCommand("HSET", Keys.catalog, "version", 1_000, "document", ""))
        #expect(try await json(get(list))["total"] == 0)
    }

    @Test func namesWrongParameters() async throws {
        let problem = await #expect(throws: Problem.self) {
            try await get(ListProducts(context: context), "page=0&sort=stock&colour=red")
        }
        #expect(problem?.status == .unprocessableContent)
        let fields = problem?.extensions["errors"]?.arrayValue?.compactMap { $0["field"]?.stringValue }
        #expect(fields == ["colour", "sort", "page"])
    }

    @Test func survivesTheLossOfValkey() async throws {
        let functions: [any HTTPFunction] = [ListProducts(context: context), GetProduct(context: context)]
        for function in functions { _ = try await get(function, product: "walnut-pen") }
        server.crash()
        for function in functions {
            let error = await #expect(throws: ValkeyError.self) { try await get(function, product: "walnut-pen") }
            #expect(error?.isUnavailable == true)
        }
        try await server.start()
        // It kept nothing, so the shop is seeded anew.
        let end = ContinuousClock.now + .seconds(120)
        for function in functions {
            var response: HTTPResponse?
            while response == nil, ContinuousClock.now < end {
                response = try? await get(function, product: "walnut-pen")
            }
            #expect(response?.status == .ok)
        }
    }

    @Test func answersManyAtOnceFromFewReadings() async throws {
        let list = ListProducts(context: context)
        _ = try await get(list)
        try await withThrowingTaskGroup(of: Int?.self) { group in
            for _ in 0..<500 { group.addTask { try await json(get(list, "size=2"))["products"]?.arrayValue?.count } }
            for try await count in group { #expect(count == 2) }
        }
    }

    @Test func servesTheDescriptionThatIsInDocs() async throws {
        let served = try await get(GetOpenAPI(context: context))
        var folder = URL(fileURLWithPath: #filePath)
        while !FileManager.default.fileExists(atPath: folder.path + "/functions.yaml") {
            try #require(folder.path != "/")
            folder.deleteLastPathComponent()
        }
        let document = try String(contentsOfFile: folder.path + "/docs/openapi.yaml", encoding: .utf8)
        let body = String(decoding: try await served.collectBody(), as: UTF8.self)
        #expect(body + "\n" == document, "run scripts/embed-openapi")
    }
}
