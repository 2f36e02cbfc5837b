import ShopRules
import Testing

@Suite struct CatalogIndexTests {
    private static func product(
        _ id: String,
        _ name: String,
        _ price: Int,
        _ categories: [String],
        _ description: String = "Plain."
    ) -> Product {
        Product(
            id: id,
            name: name,
            description: description,
            categories: categories,
            picture: "/p",
            price: Money(currency: "USD", amount: price),
            weight: 100
        )
    }

    private static let products = [
        product("teapot", "Cobalt Teapot", 3_700, ["kitchen"], "For tea; keeps company with a lamp."),
        product("desk-lamp", "Desk Lamp", 4_900, ["lighting", "office"]),
        product("lampshade", "Lampshade", 1_900, ["lighting"]),
        product("brulee", "Crème Brûlée Set", 3_400, ["kitchen", "gifts"]),
        product("torch", "Head Torch", 3_400, ["lamp"]),
    ]

    private let index: CatalogIndex

    init() throws {
        index = CatalogIndex(try Self.products.map { try CatalogEntry($0) })
    }

    private func search(_ text: String) throws -> [String] {
        index.search(try SearchQuery([("q", text)])).entries.map(\.id)
    }

    private func list(_ parameters: [(name: String, value: String)]) throws -> [String] {
        index.list(try ProductQuery(parameters)).entries.map(\.id)
    }

    @Test func sorts() throws {
        #expect(try list([]) == ["teapot", "brulee", "desk-lamp", "torch", "lampshade"])
        #expect(try list([("sort", "price")]) == ["lampshade", "brulee", "torch", "teapot", "desk-lamp"])
        #expect(try list([("sort", "-price")]) == ["desk-lamp", "teapot", "brulee", "torch", "lampshade"])
    }

    @Test func filtersByCategory() throws {
        #expect(try list([("category", "kitchen")]) == ["teapot", "brulee"])
        #expect(try list([("category", "KITCHEN")]) == ["teapot", "brulee"])
        #expect(try list([("category", "kitch")]) == [])
        #expect(index.list(try ProductQuery([("category", "lighting"), ("size", "1")])).total == 2)
    }

    @Test func putsTheBestMatchFirst() throws {
        // A word of the name, a beginning of the name, a category, a word of the description.
        #expect(try search("lamp") == ["desk-lamp", "lampshade", "torch", "teapot"])
    }

    @Test func findsBeginningsAndAccents() throws {
        #expect(try search("creme bru") == ["brulee"])
        #expect(try search("CRÈME") == ["brulee"])
        #expect(try search("cob tea") == ["teapot"])
    }

    @Test func needsEveryWord() throws {
        #expect(try search("desk teapot") == [])
        #expect(try search("lamp desk") == ["desk-lamp"])
    }

    @Test func survivesTheDocument() throws {
        let entries = try Self.products.map { try CatalogEntry($0) }
        #expect(CatalogDocument.decode(CatalogDocument.encode(entries)) == entries)
        #expect(CatalogDocument.decode([]) == [])
        #expect(CatalogDocument.decode(Array(CatalogDocument.encode(entries).dropLast(2))) == nil)
        #expect(CatalogDocument.decode(Array("nonsense".utf8)) == nil)
    }

    @Test func comparesEntityTags() {
        #expect(EntityTag.matches(#""a-1""#, #""a-1""#))
        #expect(EntityTag.matches(#""x", W/"a-1" "#, #""a-1""#))
        #expect(EntityTag.matches("*", #""a-1""#))
        #expect(!EntityTag.matches(#""a-2""#, #""a-1""#))
        #expect(!EntityTag.matches("", #""a-1""#))
        #expect(!EntityTag.matches("a-1", #""a-1""#))
    }
}
