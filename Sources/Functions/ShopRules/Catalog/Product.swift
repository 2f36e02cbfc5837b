/// A product of the catalogue, without its stock, which changes on its own.
package struct Product: Hashable, Codable, Sendable {
    /// The product's id: lower-case letters, digits and hyphens.
    package var id: String
    /// What it is called.
    package var name: String
    /// What it is, in a sentence or two.
    package var description: String
    /// The categories it is found under.
    package var categories: [String]
    /// Where its picture is, as a path on the shop's site.
    package var picture: String
    /// What one piece costs.
    package var price: Money
    /// What one piece weighs, packed, in grams.
    ///
    /// Not part of what customers see.
    package var weight: Int

    /// Puts a product together.
    package init(
        id: String,
        name: String,
        description: String,
        categories: [String],
        picture: String,
        price: Money,
        weight: Int
    ) {
        self.id = id
        self.name = name
        self.description = description
        self.categories = categories
        self.picture = picture
        self.price = price
        self.weight = weight
    }
}
