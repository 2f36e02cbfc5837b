import Logging
import Synchronization
import Time

/// Warnings that peers or requests may cause without number: of each kind one a second is logged, and how many were left
/// out.
final class Complaints: Sendable {
    private struct Kind {
        var nextAt = Instant.origin
        var omitted = 0
    }

    private let logger: Logger
    private let kinds = Mutex<[String: Kind]>([:])

    init(_ logger: Logger) {
        self.logger = logger
    }

    func warn(_ message: @autoclosure () -> String, kind: String, _ metadata: Logger.Metadata) {
        let now = Instant.now
        let omitted = kinds.withLock { kinds -> Int? in
            var known = kinds[kind] ?? Kind()
            defer { kinds[kind] = known }
            guard now >= known.nextAt else {
                known.omitted += 1
                return nil
            }
            known.nextAt = now + .seconds(1)
            defer { known.omitted = 0 }
            return known.omitted
        }
        guard let omitted else { return }
        let others = omitted > 0 ? " (and \(omitted) like it before)" : ""
        logger.warning("\(message())\(others)", metadata: metadata)
    }
}
