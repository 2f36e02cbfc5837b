/// Which page of a list is wanted.
package struct PageRequest: Hashable, Sendable {
    /// The page's number, from 1.
    package var page: Int
    /// How many products a page has.
    package var size: Int

    /// The most products a page may have.
    package static let largestSize = 100
    /// The last page that can be asked for; far beyond any catalogue, and safe to multiply.
    package static let lastPage = 1_000_000

    /// Asks for a page.
    package init(page: Int = 1, size: Int = 20) {
        self.page = page
        self.size = size
    }

    /// The page's part of a list with `count` elements; empty beyond its end.
    package func range(of count: Int) -> Range<Int> {
        let start = min((page - 1) * size, count)
        return start..<min(start + size, count)
    }
}

/// The order of a list of products.
package enum ProductSorting: String, CaseIterable, Sendable {
    case name
    case price
    case priceDescending = "-price"
}

/// What `GET /api/products` asks for.
package struct ProductQuery: Hashable, Sendable {
    /// The category's name, or nil for all.
    package var category: String?
    package var sorting: ProductSorting
    package var page: PageRequest

    /// Reads the query's parameters.
    ///
    /// - Throws: ``InvalidInput`` with everything that is wrong.
    package init(_ parameters: [(name: String, value: String)]) throws(InvalidInput) {
        var reader = QueryReader(parameters, known: ["category", "sort", "page", "size"])
        category = reader.text("category", longest: 100)
        sorting = reader.choice("sort", ProductSorting.self) ?? .name
        page = reader.page()
        try reader.finish()
    }
}

/// What `GET /api/products/search` asks for.
package struct SearchQuery: Hashable, Sendable {
    /// The folded words to look for; each must be found.
    package var words: [String]
    package var page: PageRequest

    /// Reads the query's parameters.
    ///
    /// - Throws: ``InvalidInput`` with everything that is wrong.
    package init(_ parameters: [(name: String, value: String)]) throws(InvalidInput) {
        var reader = QueryReader(parameters, known: ["q", "page", "size"])
        let text = reader.text("q", longest: 200)
        page = reader.page()
        words = Array(TextFolding.words(text ?? "").prefix(16))
        if text == nil {
            reader.mistake("q", "is missing; write what to look for, for example q=lamp")
        } else if words.isEmpty {
            reader.mistake("q", "has no word; write at least one letter or digit")
        }
        try reader.finish()
    }
}
