/// A product as lists and searches need it: what to sort, filter and search by, and its JSON.
package struct CatalogEntry: Hashable, Sendable {
    /// The product's id.
    package let id: String
    /// The folded name, by which names are sorted.
    package let sortName: String
    /// The price in minor units.
    package let price: Int
    /// The categories' names, folded.
    package let categories: [String]
    /// The words of the name, the categories and the description, folded.
    package let words: ProductWords
    /// The product's JSON.
    package let encoded: EncodedProduct

    /// Prepares a product.
    ///
    /// - Throws: `EncodingError`; for a product whose texts are Unicode, never.
    package init(_ product: Product) throws {
        id = product.id
        sortName = TextFolding.fold(product.name)
        price = product.price.amount
        categories = product.categories.map { TextFolding.fold($0) }
        words = ProductWords(product)
        encoded = try EncodedProduct(product)
    }

    init(
        id: String,
        sortName: String,
        price: Int,
        categories: [String],
        words: ProductWords,
        encoded: EncodedProduct
    ) {
        self.id = id
        self.sortName = sortName
        self.price = price
        self.categories = categories
        self.words = words
        self.encoded = encoded
    }
}

/// The folded words by which a product is found.
package struct ProductWords: Hashable, Sendable {
    package var name: [String]
    package var categories: [String]
    package var description: [String]

    init(name: [String], categories: [String], description: [String]) {
        self.name = name
        self.categories = categories
        self.description = description
    }

    init(_ product: Product) {
        name = TextFolding.words(product.name)
        categories = product.categories.flatMap { TextFolding.words($0) }
        description = TextFolding.words(product.description)
    }
}
