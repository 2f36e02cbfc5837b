import Cart
import FunctionKit
import ShopState
import Testing
import ValkeyTestSupport

@Suite struct CartFunctionTests {
    private let server: ValkeyServer
    private let context: FunctionContext

    init() async throws {
        server = try await ValkeyServer()
        context = try FunctionContext(functionName: "cart", environment: Environment(["VALKEY_URL": server.url]))
    }

    private func call(
        _ function: some HTTPFunction,
        _ method: String = "GET",
        cart: String = "c",
        product: String? = nil,
        _ body: JSONValue? = nil
    ) async throws -> HTTPResponse {
        var parameters = [(name: "cart", value: cart)]
        if let product { parameters.append((name: "product", value: product)) }
        let request = try HTTPRequest(
            method: method,
            path: "/",
            pathParameters: parameters,
            headers: body == nil ? [:] : ["content-type": "application/json"],
            body: body?.serialized() ?? []
        )
        return try await function.handle(request, Invocation())
    }

    private func json(_ response: HTTPResponse) async throws -> JSONValue {
        #expect(response.status == .ok)
        #expect(response.headers["content-type"] == "application/json")
        return try JSONValue(parsing: try await response.collectBody())
    }

    @discardableResult
    private func add(_ product: String, _ quantity: Int, to cart: String = "c") async throws -> JSONValue {
        let body: JSONValue = ["productId": .string(product), "quantity": .int(quantity)]
        return try await json(call(AddToCart(context: context), "POST", cart: cart, body))
    }

    private func set(_ product: String, _ quantity: Int, in cart: String = "c") async throws -> JSONValue {
        let body: JSONValue = ["quantity": .int(quantity)]
        return try await json(call(SetCartItem(context: context), "PUT", cart: cart, product: product, body))
    }

    private func cart(_ id: String = "c") async throws -> JSONValue {
        try await json(call(GetCart(context: context), cart: id))
    }

    private func quantities(_ cart: JSONValue) -> [String: Int] {
        let items = cart["items"]?.arrayValue ?? []
        return Dictionary(
            items.map { ($0["productId"]?.stringValue ?? "", $0["quantity"]?.intValue ?? 0) },
            uniquingKeysWith: +
        )
    }

    private func problem(_ work: () async throws -> some Any) async -> Problem? {
        await #expect(throws: Problem.self) { try await work() }
    }

    @Test func anUnknownCartIsAnEmptyOne() async throws {
        let empty = try await cart("nobody-s")
        #expect(empty["id"] == "nobody-s")
        #expect(empty["items"] == [])
        #expect(empty["total"] == ["currency": "USD", "amount": 0])
        #expect(empty.objectValue?.names == ["id", "items", "total", "version"])
        // Looking makes none.
        #expect(try await context.valkey.exists(Keys.cart("nobody-s")) == false)
    }

    @Test func pricesWhatIsInIt() async throws {
        try await add("walnut-pen", 2)
        let added = try await add("merino-socks", 3)
        #expect(added == (try await cart()))
        #expect(
            added["items"]?[1]
                == [
                    "productId": "walnut-pen", "name": "Walnut Fountain Pen", "quantity": 2,
                    "unitPrice": ["currency": "USD", "amount": 6_900], "total": ["currency": "USD", "amount": 13_800],
                ]
        )
        #expect(added["total"] == ["currency": "USD", "amount": .int(2 * 6_900 + 3 * 2_400)])
        // Another price is another version, of the catalogue and of the cart.
        try await changeCatalog(ValkeyCommand("HSET", Keys.product("walnut-pen"), "price", 7_000))
        let repriced = try await cart()
        #expect(repriced["total"]?["amount"] == .int(2 * 7_000 + 3 * 2_400))
        #expect(repriced["version"] != added["version"])
    }

    /// Changes what is known of products, which whoever does so tells by another version.
    private func changeCatalog(_ command: ValkeyCommand) async throws {
        _ = try await context.valkey.send(command)
        _ = try await context.valkey.send(ValkeyCommand("HINCRBY", Keys.catalog, "version", 1))
    }

    @Test func seesWhatBecameOfProductsThatItKnows() async throws {
        let (adding, looking) = (AddToCart(context: context), GetCart(context: context))
        func add(_ product: String) async throws -> JSONValue {
            try await json(call(adding, "POST", ["productId": .string(product), "quantity": 1]))
        }
        _ = try await add("walnut-pen")
        _ = try await add("merino-socks")
        #expect(try await json(call(looking))["total"]?["amount"] == .int(6_900 + 2_400))
        try await changeCatalog(ValkeyCommand("HSET", Keys.product("walnut-pen"), "price", 7_000))
        #expect(try await json(call(looking))["total"]?["amount"] == .int(7_000 + 2_400))
        #expect(try await add("walnut-pen")["total"]?["amount"] == .int(2 * 7_000 + 2_400))
        try await changeCatalog(ValkeyCommand("DEL", Keys.product("walnut-pen")))
        #expect(quantities(try await json(call(looking))) == ["merino-socks": 1])
        #expect(await problem { try await add("walnut-pen") }?.type == "urn:shopfn:problem:product-not-found")
        #expect(try await context.valkey.send(ValkeyCommand("HGET", Keys.cart("c"), "walnut-pen")) == .null)
        #expect(quantities(try await add("merino-socks")) == ["merino-socks": 2])
        // A Valkey that lost everything has a new shop.
        _ = try await context.valkey.send(ValkeyCommand("FLUSHALL"))
        #expect(quantities(try await add("walnut-pen")) == ["walnut-pen": 1])
        #expect(quantities(try await json(call(looking))) == ["walnut-pen": 1])
    }

    @Test func countsEachOfAHundredConcurrentAdds() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<100 { group.addTask { try await add("field-notebook", 1) } }
            try await group.waitForAll()
        }
        #expect(quantities(try await cart()) == ["field-notebook": 100])
    }

    @Test func stopsConcurrentAddsAtTheMostThereMayBe() async throws {
        for _ in 0..<10 { try await add("field-notebook", 99) }
        // Nine of these twenty still go in, whichever they are.
        let refused = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    do {
                        try await add("field-notebook", 1)
                        return false
                    } catch let problem as Problem {
                        #expect(problem.status == .unprocessableContent)
                        return true
                    }
                }
            }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(refused == 11)
        #expect(quantities(try await cart()) == ["field-notebook": 999])
    }

    @Test func refusesWhatACartCannotHold() async throws {
        #expect(await problem { try await add("no-such-thing", 1) }?.type == "urn:shopfn:problem:product-not-found")
        #expect(await problem { try await add("no-such-thing", 1) }?.status == .notFound)
        for quantity in [0, -1, 100] {
            #expect(await problem { try await add("walnut-pen", quantity) }?.status == .unprocessableContent)
        }
        _ = try await context.valkey.hset(Keys.cart("c"), ["walnut-pen": 950])
        let tooMany = await problem { try await add("walnut-pen", 50) }
        #expect(tooMany?.status == .unprocessableContent)
        #expect(tooMany?.extensions["errors"]?[0]?["field"] == "quantity")
        #expect(tooMany?.extensions["errors"]?[0]?["detail"]?.stringValue?.contains("holds 950 already") == true)
        #expect(quantities(try await cart()) == ["walnut-pen": 950])
        for id in ["", "a b", "{x}", String(repeating: "c", count: 65)] {
            #expect(await problem { try await cart(id) }?.status == .unprocessableContent)
        }
    }

    @Test func holdsNoMoreThanAHundredProducts() async throws {
        // The lines of products that are not sold any more count too.
        for number in 0..<99 { _ = try await context.valkey.hset(Keys.cart("c"), ["old-\(number)": 1]) }
        try await add("walnut-pen", 1)
        let tooMany = await problem { try await add("merino-socks", 1) }
        #expect(tooMany?.extensions["errors"]?[0]?["field"] == "productId")
        #expect(await problem { try await set("merino-socks", 1) }?.status == .unprocessableContent)
        // More of what is there already is no further line.
        #expect(quantities(try await add("walnut-pen", 1)) == ["walnut-pen": 2])
    }

    @Test func setsAndRemoves() async throws {
        #expect(quantities(try await set("walnut-pen", 5)) == ["walnut-pen": 5])
        #expect(quantities(try await set("walnut-pen", 2)) == ["walnut-pen": 2])
        #expect(quantities(try await set("merino-socks", 1)) == ["walnut-pen": 2, "merino-socks": 1])
        #expect(quantities(try await set("walnut-pen", 0)) == ["merino-socks": 1])
        #expect(await problem { try await set("no-such-thing", 1) }?.status == .notFound)
        for product in ["merino-socks", "merino-socks", "never-there", ":id"] {
            let removed = try await call(RemoveCartItem(context: context), "DELETE", product: product)
            #expect(removed.status == .noContent)
            #expect(try await removed.collectBody().isEmpty)
        }
        #expect(quantities(try await cart()).isEmpty)
    }

    @Test func emptiesOneCartAndNoOther() async throws {
        try await add("walnut-pen", 2)
        try await add("walnut-pen", 3, to: "other")
        for _ in 0..<2 {
            #expect(try await call(EmptyCart(context: context), "DELETE").status == .noContent)
        }
        #expect(quantities(try await cart()).isEmpty)
        #expect(quantities(try await cart("other")) == ["walnut-pen": 3])
    }

    @Test func mergesOnceHoweverOftenAsked() async throws {
        try await add("walnut-pen", 2, to: "guest")
        try await add("merino-socks", 1, to: "guest")
        _ = try await context.valkey.hset(Keys.cart("mine"), ["walnut-pen": 998])
        for _ in 0..<3 {
            let body: JSONValue = ["from": "guest"]
            let merged = try await json(call(MergeCarts(context: context), "POST", cart: "mine", body))
            // No line grows beyond its limit.
            #expect(quantities(merged) == ["walnut-pen": 999, "merino-socks": 1])
        }
        #expect(quantities(try await cart("guest")).isEmpty)
        // Ten requests at once are one, too.
        try await add("field-notebook", 4, to: "guest")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<10 {
                group.addTask {
                    _ = try await call(MergeCarts(context: context), "POST", cart: "mine", ["from": "guest"])
                }
            }
            try await group.waitForAll()
        }
        #expect(quantities(try await cart("mine"))["field-notebook"] == 4)
        #expect(await problem { try await call(MergeCarts(context: context), "POST", ["from": "c"]) }?.status == 422)
    }

    @Test func expiresSevenDaysAfterTheLastTouch() async throws {
        try await add("walnut-pen", 1)
        _ = try await context.valkey.expire(Keys.cart("c"), after: .seconds(600))
        // Looking is no touch; changing is.
        _ = try await cart()
        #expect(try #require(try await context.valkey.timeToLive(Keys.cart("c"))) <= .seconds(600))
        for change in 0..<2 {
            _ = try await context.valkey.expire(Keys.cart("c"), after: .seconds(600))
            if change == 0 { try await add("walnut-pen", 1) } else { _ = try await set("walnut-pen", 1) }
            let left = try #require(try await context.valkey.timeToLive(Keys.cart("c")))
            #expect(left > .seconds(6 * 86_400) && left <= .seconds(7 * 86_400))
        }
    }

    @Test func showsNothingOfItsMarks() async throws {
        try await add("walnut-pen", 1)
        _ = try await context.valkey.hset(Keys.cart("c"), [":order:x": 1, ":merged:y:z": "walnut-pen=1"])
        #expect(quantities(try await cart()) == ["walnut-pen": 1])
        #expect(await problem { try await add(":id", 1) }?.status == .notFound)
    }

    @Test func saysThatTheStateIsAway() async throws {
        try await add("walnut-pen", 1)
        server.crash()
        let error = await #expect(throws: ValkeyError.self) { try await cart() }
        #expect(error?.isUnavailable == true)
        try await server.start()
        #expect(quantities(try await cart()).isEmpty)
    }
}
