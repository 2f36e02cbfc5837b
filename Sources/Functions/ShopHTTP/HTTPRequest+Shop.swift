package import FunctionKit
package import ShopRules

extension HTTPRequest {
    /// The path's cart.
    ///
    /// - Throws: ``InvalidInput`` when it cannot be a cart's id.
    package func cartID() throws -> String {
        let id = try pathParameters.require("cart")
        guard Identifier.isCart(id) else {
            throw InvalidInput("cart", in: .path, "must have 1 to 64 letters, digits, hyphens and underscores")
        }
        return id
    }

    /// The body as JSON of any shape.
    package func jsonBody() async throws -> JSONValue {
        try await body.json(as: JSONValue.self, upTo: 64 << 10)
    }

    /// The header `Idempotency-Key`.
    ///
    /// - Throws: A `Problem` with status 400 when it is missing, ``InvalidInput`` when it cannot be used.
    package func idempotencyKey() throws -> IdempotencyKey {
        let values = headers.all("idempotency-key")
        guard let value = values.first, values.count == 1 else {
            throw Problem.shop(
                "key-missing",
                .badRequest,
                "Idempotency Key Missing",
                "Send exactly one header Idempotency-Key, for example a UUID: with it a repeated request does nothing twice."
            )
        }
        return try IdempotencyKey(value)
    }
}
