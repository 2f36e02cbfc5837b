internal import ShopRules
package import Valkey

/// Looks whether the shop's state fits together.
package struct ShopDoctor: Sendable {
    /// What was found.
    package struct Report: Hashable, Codable, Sendable {
        package var products: Int
        package var orders: Int
        package var placed: Int
        /// Orders that are neither done nor undone.
        ///
        /// That is no mistake: recovery finishes them.
        package var underWay: Int
        package var piecesSold: Int
        /// What does not hold, one sentence each.
        package var violations: [String]
    }

    private let valkey: ValkeyClient

    package init(valkey: ValkeyClient) {
        self.valkey = valkey
    }

    /// Examines the shop.
    ///
    /// While customers shop, what is read is not of one moment. So only what does not hold twice in a row is reported.
    package func examine() async throws -> Report {
        var snapshot = try await ShopSnapshot(valkey)
        var violations = ShopInvariants.violations(snapshot)
        if !violations.isEmpty {
            snapshot = try await ShopSnapshot(valkey)
            let again = Set(ShopInvariants.violations(snapshot))
            violations = violations.filter { again.contains($0) }
        }
        return Report(
            products: snapshot.stock.count,
            orders: snapshot.orders.count,
            placed: snapshot.orders.values.count { $0.status == .placed },
            underWay: ShopInvariants.underWay(snapshot),
            piecesSold: snapshot.stock.values.reduce(0) { $0 + $1.sold },
            violations: violations
        )
    }
}
