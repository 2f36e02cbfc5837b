package import FunctionKit
package import ShopRules
package import ShopState

extension Problem {
    /// What a refusal to put something into a cart is answered with.
    package static func of(_ refusal: CartStore.Refusal, product: String, place: FieldMistake.Place) -> Problem {
        switch refusal {
        case .unknownProduct: productNotFound(product)
        case .tooManyPieces(let have):
            invalid(
                InvalidInput(
                    "quantity",
                    in: place,
                    "a cart may hold \(Cart.mostPieces) pieces of a product, and it holds \(have) already"
                )
            )
        case .tooManyLines:
            invalid(InvalidInput("productId", in: place, "a cart may hold \(Cart.mostLines) products"))
        }
    }

    /// What a refusal to place an order is answered with.
    package static func of(_ refusal: CheckoutRefusal) -> Problem {
        switch refusal {
        case .cartEmpty:
            return shop("cart-empty", .conflict, "Cart Empty", "There is nothing in the cart.")
        case .cartChanged(let version):
            return shop(
                "cart-changed",
                .conflict,
                "Cart Changed",
                "The cart or a price in it has changed. Show the cart again and send its version.",
                extensions: JSONObject([("cartVersion", .string(version))])
            )
        case .notEnoughStock(let shortages):
            let lines = shortages.map { shortage -> JSONValue in
                [
                    "productId": .string(shortage.line.productId), "name": .string(shortage.line.name),
                    "requested": .int(shortage.line.quantity), "available": .int(shortage.available),
                ]
            }
            return shop(
                "not-enough-stock",
                .conflict,
                "Not Enough Stock",
                "There are not enough pieces of \(shortages.map(\.line.name).joined(separator: ", ")).",
                extensions: JSONObject([("lines", .array(lines))])
            )
        case .keyReused:
            return shop(
                "key-reused",
                .conflict,
                "Key Reused",
                "This Idempotency-Key was used with another body. Send a new key with a new order."
            )
        case .underWay:
            return shop(
                "order-under-way",
                .serviceUnavailable,
                "Order Under Way",
                "An earlier request with this key is still being worked on. Repeat it with the same key.",
                headers: ["retry-after": "2"]
            )
        case .paymentUnknown(let order, .timedOut):
            return shop(
                "payment-timeout",
                .gatewayTimeout,
                "Payment Timeout",
                "The payment provider did not answer in time. Repeat the request with the same key; nobody pays twice.",
                extensions: JSONObject([("order", .string(order))]),
                headers: ["retry-after": "2"]
            )
        case .paymentUnknown(let order, .unavailable):
            return shop(
                "payment-unavailable",
                .serviceUnavailable,
                "Payment Unavailable",
                "The payment provider cannot be used now. Repeat the request with the same key; nobody pays twice.",
                extensions: JSONObject([("order", .string(order))]),
                headers: ["retry-after": "2"]
            )
        }
    }

    /// 402: the card was declined.
    package static func declined(_ reason: String, order: String? = nil) -> Problem {
        var extensions = JSONObject()
        if let order { extensions["order"] = .string(order) }
        return shop("card-declined", .paymentRequired, "Card Declined", reason, extensions: extensions)
    }
}
