/// Why an order was not placed.
package enum CheckoutRefusal: Error, Sendable {
    case cartEmpty
    /// The cart or a price in it is not what the customer saw; its version now.
    case cartChanged(version: String)
    case notEnoughStock([StockStore.Shortage])
    /// The key was used with another body.
    case keyReused
    /// Somebody works on the order of this key and has not finished in time.
    case underWay
    /// The payment provider gave no answer; the order stays, and the same request finishes it.
    case paymentUnknown(order: String, PaymentFailure)
}

/// What came of an order: the same for every request with its key.
package enum CheckoutAnswer: Hashable, Sendable {
    /// It is placed; the order as JSON.
    case placed(order: String, body: [UInt8])
    /// The card was declined.
    case declined(order: String, reason: String)
}
