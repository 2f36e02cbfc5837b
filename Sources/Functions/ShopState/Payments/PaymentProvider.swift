package import ShopRules

/// Where money comes from.
///
/// Every call may be repeated; the order's id is the key.
package protocol PaymentProvider: Sendable {
    /// Charges a card for an order; for an order that was charged, tells the charge.
    ///
    /// - Throws: ``PaymentFailure`` when it is not known whether it was charged.
    func charge(_ order: String, _ amount: Money, _ card: Card, within time: Duration) async throws -> PaymentState

    /// Tells how an order's payment stands.
    ///
    /// - Throws: ``PaymentFailure``.
    func find(_ order: String) async throws -> PaymentState

    /// Gives the money back, and sees to it that the order is never charged from now on.
    ///
    /// - Throws: ``PaymentFailure``.
    func void(_ order: String) async throws
}

/// How a payment stands.
package enum PaymentState: Hashable, Sendable {
    /// The provider knows nothing of it.
    case unknown
    case charged(reference: String)
    case declined(reason: String)
    /// Given back, or barred before it was charged.
    case voided
}

/// The provider gave no usable answer; what it did is not known.
package enum PaymentFailure: Error, Hashable, Sendable, CustomStringConvertible {
    case timedOut
    case unavailable(String)

    package var description: String {
        switch self {
        case .timedOut: "the payment provider did not answer in time"
        case .unavailable(let reason): "the payment provider cannot be used: \(reason)"
        }
    }
}
