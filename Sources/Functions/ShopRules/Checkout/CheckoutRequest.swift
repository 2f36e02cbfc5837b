package import JSON

/// The body of `POST /api/checkout`.
package struct CheckoutRequest: Sendable {
    package var cart: String
    package var cartVersion: String?
    package var email: String
    package var address: Address
    package var card: Card

    /// Reads a body.
    ///
    /// - Throws: ``InvalidInput`` with everything that is wrong.
    package init(_ body: JSONValue, now: UTCTime) throws(InvalidInput) {
        let reader = try ObjectReader(body, known: ["cartId", "cartVersion", "email", "shippingAddress", "payment"])
        let cart = reader.text("cartId", 1...64)
        if let cart, !Identifier.isCart(cart) {
            reader.mistake("cartId", "may hold letters, digits, hyphens and underscores only")
        }
        let cartVersion = reader.text("cartVersion", 1...64, isRequired: false)
        let email = reader.text("email", 3...254)
        if let email, !Email.isPlausible(email) { reader.mistake("email", "is no e-mail address") }
        let address = reader.object("shippingAddress", known: Address.members).flatMap { Address($0) }
        let card = reader.object("payment", known: ["cardNumber", "expiryMonth", "expiryYear", "cvv"])
            .flatMap { Card($0, now: now) }
        try reader.finish()
        guard let cart, let email, let address, let card else {
            // Each of them is nil only with a mistake noted, which `finish` has thrown.
            throw InvalidInput("", in: .body(pointer: ""), "cannot be read")
        }
        self.cart = cart
        self.cartVersion = cartVersion
        self.email = email
        self.address = address
        self.card = card
    }

    /// Tells whether two requests ask for the same, as far as that can be told without keeping the card's number.
    package var fingerprint: String {
        var hash = StableHash()
        for text in [
            cart, cartVersion ?? "", email, address.name, address.line1, address.line2 ?? "", address.city,
            address.region, address.postalCode, address.country, card.brand.rawValue, card.last4,
            "\(card.expiryMonth)/\(card.expiryYear)",
        ] {
            hash.add(text)
        }
        return hash.hex
    }
}

/// E-mail addresses.
package enum Email {
    /// Whether a text looks like an address: one `@`, something before it, a domain with a dot after it.
    package static func isPlausible(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, (1...64).contains(parts[0].utf8.count), !text.contains(where: \.isWhitespace) else {
            return false
        }
        let labels = parts[1].split(separator: ".", omittingEmptySubsequences: false)
        let isRight = { (label: Substring) in
            !label.isEmpty && label.first != "-" && label.last != "-"
                && label.allSatisfy {
                    $0.isLetter || $0.isNumber || $0 == "-"
                }
        }
        return labels.count >= 2 && labels.allSatisfy(isRight) && parts[0].allSatisfy { !"<>()[],;:\\\"".contains($0) }
    }

    /// The address with its name hidden but for the first letter: `j***@example.com`.
    package static func masked(_ address: String) -> String {
        guard let at = address.firstIndex(of: "@"), let first = address.first, first != "@" else { return "***" }
        return "\(first)***\(address[at...])"
    }
}
