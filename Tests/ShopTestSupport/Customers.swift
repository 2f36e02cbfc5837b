package import JSON

/// What customers of a test send.
package enum Customers {
    /// A body of `POST /api/checkout`.
    package static func checkout(cart: String, card: String = "4242424242424242", version: String? = nil) -> JSONValue {
        let address: JSONValue = [
            "name": "Jane Doe", "line1": "1 Main Street", "city": "Portland", "region": "OR", "postalCode": "97201",
            "country": "US",
        ]
        let payment: JSONValue = [
            "cardNumber": .string(card), "expiryMonth": 12, "expiryYear": 2_035, "cvv": "123",
        ]
        var body = JSONObject([
            ("cartId", .string(cart)), ("email", "jane@example.com"), ("shippingAddress", address),
            ("payment", payment),
        ])
        if let version { body["cartVersion"] = .string(version) }
        return .object(body)
    }
}
