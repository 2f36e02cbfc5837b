/// The catalogue in memory: sorted, filtered and searched without asking anybody.
package struct CatalogIndex: Sendable {
    /// All entries, by name.
    package let entries: [CatalogEntry]
    private let byPrice: [Int]
    private let byFallingPrice: [Int]
    private let search: SearchIndex

    /// Sorts entries and makes them searchable.
    package init(_ entries: [CatalogEntry]) {
        // The id decides between equal ones, so that pages never overlap.
        let sorted = entries.sorted { ($0.sortName, $0.id) < ($1.sortName, $1.id) }
        self.entries = sorted
        byPrice = sorted.indices.sorted { (sorted[$0].price, $0) < (sorted[$1].price, $1) }
        byFallingPrice = sorted.indices.sorted { (-sorted[$0].price, $0) < (-sorted[$1].price, $1) }
        search = SearchIndex(sorted.map(\.words))
    }

    /// A page of products and how many there are on all pages.
    package struct Page: Sendable {
        package var entries: [CatalogEntry]
        package var total: Int
        package var request: PageRequest
    }

    /// The page that a query asks for.
    package func list(_ query: ProductQuery) -> Page {
        let order: [Int] =
            switch query.sorting {
            case .name: Array(entries.indices)
            case .price: byPrice
            case .priceDescending: byFallingPrice
            }
        guard let category = query.category.map({ TextFolding.fold($0) }) else { return page(order, query.page) }
        return page(order.filter { entries[$0].categories.contains(category) }, query.page)
    }

    /// The page that a search asks for, best match first.
    package func search(_ query: SearchQuery) -> Page {
        page(search.matches(query.words), query.page)
    }

    private func page(_ order: [Int], _ request: PageRequest) -> Page {
        Page(entries: order[request.range(of: order.count)].map { entries[$0] }, total: order.count, request: request)
    }
}
