package import JSON

/// The body of `POST /api/payments`.
package struct ChargeRequest: Sendable {
    package var amount: Money
    package var card: Card

    /// Reads a body.
    ///
    /// - Throws: ``InvalidInput`` with everything that is wrong.
    package init(_ body: JSONValue, now: UTCTime) throws(InvalidInput) {
        let reader = try ObjectReader(body, known: ["amount", "payment"])
        let amount = reader.object("amount", known: ["currency", "amount"]).flatMap { reader -> Money? in
            let currency = reader.text("currency", 3...3)
            if let currency, !currency.utf8.allSatisfy({ (0x41...0x5A).contains($0) }) {
                reader.mistake("currency", "must be a code of three capital letters, for example USD")
            }
            let amount = reader.int("amount", in: 1...100_000_000)
            guard let currency, let amount else { return nil }
            return Money(currency: currency, amount: amount)
        }
        let card = reader.object("payment", known: ["cardNumber", "expiryMonth", "expiryYear", "cvv"])
            .flatMap { Card($0, now: now) }
        try reader.finish()
        guard let amount, let card else {
            // Each of them is nil only with a mistake noted, which `finish` has thrown.
            throw InvalidInput("", in: .body(pointer: ""), "cannot be read")
        }
        self.amount = amount
        self.card = card
    }

    /// The body that asks for a charge.
    package static func body(_ amount: Money, _ card: Card) -> JSONValue {
        [
            "amount": ["currency": .string(amount.currency), "amount": .int(amount.amount)],
            "payment": [
                "cardNumber": .string(card.number), "expiryMonth": .int(card.expiryMonth),
                "expiryYear": .int(card.expiryYear), "cvv": .string(card.cvv),
            ],
        ]
    }
}

/// What the stand-in payment provider does with a card.
package enum CardBehaviour: String, CaseIterable, Sendable {
    /// Charges it.
    case accepted
    /// Declines it.
    case declined
    /// Declines it for want of money.
    case insufficientFunds
    /// Waits six seconds, then charges it.
    case slow
    /// Fails before it charges.
    case failsBefore
    /// Charges it, then fails to say so the first time.
    case failsAfter

    /// The behaviour for a card; cards that are not listed are accepted.
    package init(_ card: Card) {
        self =
            switch card.number {
            case "4000000000000002": .declined
            case "4000000000009995": .insufficientFunds
            case "4000000000000259": .slow
            case "4000000000000119": .failsBefore
            case "4000000000000341": .failsAfter
            default: .accepted
            }
    }
}

extension ChargeRequest {
    /// Puts a request together.
    package init(amount: Money, card: Card) {
        self.amount = amount
        self.card = card
    }
}
