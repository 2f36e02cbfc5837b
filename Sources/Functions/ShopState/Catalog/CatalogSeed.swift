package import ShopRules

/// The products a new shop starts with.
package enum CatalogSeed {
    /// The version of the list: raise it with every change, so that shops take the change up.
    package static let version = 1

    /// A product and how many pieces of it there are at first.
    package struct Item: Sendable {
        package var product: Product
        package var stock: Int
    }

    /// A seed's line that cannot be read.
    package struct BadLine: Error, CustomStringConvertible {
        package var line: String
        package var description: String { "this line of the catalogue's seed cannot be read: \(line)" }
    }

    /// Reads the list.
    ///
    /// It is text, so that nobody pays for it who does not seed.
    ///
    /// - Throws: ``BadLine``.
    package static func items() throws(BadLine) -> [Item] {
        var items: [Item] = []
        for line in table.split(separator: "\n") { items.append(try item(line)) }
        return items
    }

    private static func item(_ line: Substring) throws(BadLine) -> Item {
        let fields = line.split(separator: "|").map(String.init)
        guard fields.count == 7, let price = Int(fields[2]), let stock = Int(fields[3]), let weight = Int(fields[4])
        else { throw BadLine(line: String(line)) }
        let product = Product(
            id: fields[0],
            name: fields[1],
            description: fields[6],
            categories: fields[5].split(separator: ",").map(String.init),
            picture: "/pictures/\(fields[0]).svg",
            price: Money(currency: "USD", amount: price),
            weight: weight
        )
        return Item(product: product, stock: stock)
    }
}
