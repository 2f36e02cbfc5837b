import ShopRules
import Testing

@Suite struct ProductQueryTests {
    private func mistakes(_ parameters: [(name: String, value: String)]) -> [String] {
        do throws(InvalidInput) {
            _ = try ProductQuery(parameters)
            return []
        } catch {
            return error.mistakes.map(\.field)
        }
    }

    @Test func takesDefaults() throws {
        let query = try ProductQuery([])
        #expect(query.category == nil)
        #expect(query.sorting == .name)
        #expect(query.page == PageRequest(page: 1, size: 20))
    }

    @Test func readsEverything() throws {
        let query = try ProductQuery([("category", "kitchen"), ("sort", "-price"), ("page", "3"), ("size", "5")])
        #expect(query.category == "kitchen")
        #expect(query.sorting == .priceDescending)
        #expect(query.page == PageRequest(page: 3, size: 5))
    }

    @Test(arguments: [
        ("page", "0"), ("page", "-1"), ("page", "+1"), ("page", "1e3"), ("page", "99999999999999999999"), ("page", ""),
        ("page", "1.0"), ("page", " 1"), ("size", "0"), ("size", "101"), ("size", "x"), ("sort", "stock"),
        ("sort", "NAME"), ("category", "a\u{0}b"), ("colour", "red"),
    ])
    func names(_ field: String, _ value: String) {
        #expect(mistakes([(field, value)]) == [field])
    }

    @Test func namesAllAtOnce() {
        #expect(mistakes([("page", "0"), ("size", "0"), ("x", ""), ("page", "1")]) == ["x", "page", "page", "size"])
    }

    @Test func needsAWordToSearch() throws {
        #expect(throws: InvalidInput.self) { try SearchQuery([]) }
        #expect(throws: InvalidInput.self) { try SearchQuery([("q", "")]) }
        #expect(throws: InvalidInput.self) { try SearchQuery([("q", "!?")]) }
        #expect(throws: InvalidInput.self) { try SearchQuery([("q", String(repeating: "a", count: 201))]) }
        #expect(try SearchQuery([("q", "Crème  LAMP")]).words == ["creme", "lamp"])
    }

    @Test func pagesNeverOverlapNorLeaveOut() {
        for count in [0, 1, 19, 20, 21, 73] {
            for size in [1, 7, 20, 100] {
                var seen: [Int] = []
                for page in 1...(count / size + 2) {
                    seen += Array(PageRequest(page: page, size: size).range(of: count))
                }
                #expect(seen == Array(0..<count))
            }
        }
        #expect(PageRequest(page: PageRequest.lastPage, size: PageRequest.largestSize).range(of: 5).isEmpty)
    }
}
