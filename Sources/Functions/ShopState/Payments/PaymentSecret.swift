package import Valkey

/// What whoever voids a payment has to show to the provider.
///
/// With another provider it is what `PAYMENT_SECRET` says on both sides. The stand-in provider and the shop share a
/// Valkey, and unless told otherwise they share a secret there that the first of them makes up. So nobody but the shop
/// can void, and nothing has to be set up.
package struct PaymentSecret: Sendable {
    private let configured: String?
    private let valkey: ValkeyClient

    /// - Parameters:
    ///   - configured: The value of `PAYMENT_SECRET`, if it has one.
    ///   - valkey: Where the secret is without one.
    package init(_ configured: String?, valkey: ValkeyClient) {
        self.configured = configured
        self.valkey = valkey
    }

    /// The secret as it stands now; not kept, as Valkey may have lost it meanwhile.
    package func value() async throws(ValkeyError) -> String {
        if let configured { return configured }
        var generator = SystemRandomNumberGenerator()
        let made = (0..<4).map { _ in String(generator.next(), radix: 36) }.joined(separator: "-")
        return try await valkey.eval(Self.makeOnce, keys: [Keys.paymentSecret], arguments: [made], as: String.self)
    }

    /// Whether a header `Authorization` shows the secret; takes the same time wherever they differ.
    package func isShown(in authorization: String?) async throws(ValkeyError) -> Bool {
        guard let authorization else { return false }
        let wanted = Array("Bearer \(try await value())".utf8)
        let shown = Array(authorization.utf8)
        guard shown.count == wanted.count else { return false }
        return zip(shown, wanted).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }

    private static let makeOnce = ValkeyScript(
        """
        redis.call('SET', KEYS[1], ARGV[1], 'NX')
        return redis.call('GET', KEYS[1])
        """
    )
}
