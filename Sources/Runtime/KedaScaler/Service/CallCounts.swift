import ExternalScaler
import GRPCCore
import Synchronization

/// Counts answered calls by method and status.
final class CallCounts: Sendable {
    /// A method, and the name of the status it was answered with.
    struct Key: Hashable, Comparable, Sendable {
        var method: String
        var code: String

        static func < (left: Key, right: Key) -> Bool { (left.method, left.code) < (right.method, right.code) }
    }

    private let counts = Mutex<[Key: UInt64]>([:])

    var snapshot: [Key: UInt64] { counts.withLock { $0 } }

    /// Runs a call's body and counts how it ended; a refusal becomes gRPC's error.
    func counting<Response: Sendable>(
        _ method: String,
        _ body: () async throws -> Response
    ) async throws -> Response {
        do {
            let response = try await body()
            count(method, "OK")
            return response
        } catch let refusal as ScalerRefusal {
            let error = RPCError(refusal)
            count(method, "\(error.code)")
            throw error
        } catch {
            count(method, (error as? RPCError).map { "\($0.code)" } ?? "CANCELLED")
            throw error
        }
    }

    private func count(_ method: String, _ code: String) {
        counts.withLock { $0[Key(method: method, code: code), default: 0] += 1 }
    }
}
