internal import Synchronization

/// What a worker has read of products, each as of a version.
///
/// It holds what exists only, and so no more than there are products.
final class VersionedCache<Value: Sendable>: Sendable {
    struct Entry: Sendable {
        var version: Int
        var value: Value
    }

    private let entries = Mutex<[String: Entry]>([:])

    /// What was read last of a product, whatever its version.
    func latest(_ product: String) -> Entry? { entries.withLock { $0[product] } }

    /// What was read of some products, as far as it is of a version.
    func values(_ products: some Collection<String>, version: Int) -> [String: Value] {
        entries.withLock { entries in
            var found = [String: Value](minimumCapacity: products.count)
            for product in products {
                if let entry = entries[product], entry.version == version { found[product] = entry.value }
            }
            return found
        }
    }

    /// Keeps what was read after the version was.
    func keep(_ value: Value, of product: String, version: Int) {
        entries.withLock { $0[product] = Entry(version: version, value: value) }
    }
}
