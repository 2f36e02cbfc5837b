internal import JSON

/// A product's JSON, made once, into which only the stock has to be set.
package struct EncodedProduct: Hashable, Sendable {
    /// The JSON object up to the number of its last member, `stock`.
    package let prefix: [UInt8]
    /// Tells versions of the product apart, its stock aside.
    package let tag: String

    /// Encodes a product.
    ///
    /// - Throws: `EncodingError`; for a product whose texts are Unicode, never.
    package init(_ product: Product) throws {
        let visible = Visible(
            id: product.id,
            name: product.name,
            description: product.description,
            categories: product.categories,
            picture: product.picture,
            price: product.price
        )
        prefix = try JSONCoder.encode(visible).dropLast() + Array(#","stock":"#.utf8)
        var hash = StableHash()
        hash.add(prefix)
        tag = hash.hex
    }

    /// Takes what was encoded before.
    package init(prefix: [UInt8], tag: String) {
        self.prefix = prefix
        self.tag = tag
    }

    /// The whole JSON object.
    package func json(stock: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(prefix.count + 8)
        append(to: &bytes, stock: stock)
        return bytes
    }

    /// Writes the whole JSON object.
    package func append(to bytes: inout [UInt8], stock: Int) {
        bytes.append(contentsOf: prefix)
        bytes.append(contentsOf: String(stock).utf8)
        bytes.append(UInt8(ascii: "}"))
    }

    /// The entity tag of what `json(stock:)` gives (RFC 9110, 8.8.3).
    package func entityTag(stock: Int) -> String { "\"\(tag)-\(stock)\"" }

    private struct Visible: Encodable {
        var id: String
        var name: String
        var description: String
        var categories: [String]
        var picture: String
        var price: Money
    }
}
