import JSON
import ShopRules
import Testing

/// What is written by hand is what a coder writes.
@Suite struct TextTests {
    private static let names = ["Pen", "\"Quoted\" \\ \u{1}\u{7F}\n", "Füller 🖋", ""]

    private static func cart(_ lines: Int) -> Cart {
        let products = (0..<lines).map { "p\($0)" }
        let facts = products.enumerated().map { index, product in
            let price = Money(currency: "USD", amount: [0, 9, 10, 1_234_567][index % 4])
            return (product, ProductFacts(name: names[index % 4], price: price, weight: 7))
        }
        return Cart(
            id: "c_\(lines)",
            lines: products.map { CartLine(product: $0, quantity: 3) },
            products: Dictionary(uniqueKeysWithValues: facts)
        )
    }

    private static func record(_ lines: Int, line2: String?) throws -> OrderRecord {
        var address = JSONObject([
            ("name", "Jane \"J\" Doe"), ("line1", "1 Main Street"), ("city", "Zürich"), ("postalCode", "8001"),
            ("country", "CH"),
        ])
        if let line2 { address["line2"] = .string(line2) }
        let body: JSONValue = [
            "cartId": "c", "email": "jane@example.com", "shippingAddress": .object(address),
            "payment": ["cardNumber": "4242424242424242", "expiryMonth": 12, "expiryYear": 2_035, "cvv": "123"],
        ]
        let request = try CheckoutRequest(body, now: UTCTime(milliseconds: 0))
        return OrderRecord(id: "00abc", cart: cart(lines), grams: 900, request: request, zone: .europe)
    }

    @Test(arguments: 0..<6) func writesCarts(_ lines: Int) throws {
        let cart = Self.cart(lines)
        #expect(try cart.json == JSONCoder.encode(cart))
    }

    @Test(arguments: 1..<6) func writesOrders(_ lines: Int) throws {
        for line2 in [nil, "c/o \"Jane\""] {
            let record = try Self.record(lines, line2: line2)
            #expect(try record.json == JSONCoder.encode(record))
            #expect(try JSONCoder.decode(OrderRecord.self, from: record.json) == record)
            for (time, reference) in [(nil, nil), (UTCTime(milliseconds: 1_772_368_200_250), "pay_1")] {
                let view = OrderView(record, status: .placed, placedAt: time, reference: reference)
                #expect(try view.json == JSONCoder.encode(view))
            }
        }
    }
}
