internal import Valkey

/// What `StockLevels` reads: the catalogue's version and how many pieces can be had.
struct StockReading: Sendable {
    var catalogVersion: Int
    var available: [String: Int]
}

/// Reads stock for lists, many requests at a time in one round trip.
///
/// While one reading is under way, requests gather for the next. So each sees what was true after it came, and the
/// number of readings does not grow with the number of requests.
actor StockLevels {
    private enum Turn {
        /// Read for yourself and those who wait.
        case lead
        case done(StockReading)
        case failed(ValkeyError)
        /// Whoever read for you was cancelled.
        case again
    }

    private struct Waiter {
        var products: [String]
        var continuation: CheckedContinuation<Turn, Never>
    }

    private let valkey: ValkeyClient
    private var waiters: [Waiter] = []
    private var isReading = false

    init(valkey: ValkeyClient) {
        self.valkey = valkey
    }

    /// How many pieces of each product can be had now.
    func read(_ products: [String]) async throws -> StockReading {
        while true {
            guard isReading else {
                isReading = true
                return try await lead(products)
            }
            let turn = await withCheckedContinuation { waiters.append(Waiter(products: products, continuation: $0)) }
            switch turn {
            case .lead: return try await lead(products)
            case .done(let reading): return reading
            case .failed(let error): throw error
            case .again: try Task.checkCancellation()
            }
        }
    }

    private func lead(_ own: [String]) async throws -> StockReading {
        let batch = waiters
        waiters = []
        let result = await fetch(Set(batch.flatMap(\.products)).union(own))
        for waiter in batch {
            let turn: Turn =
                switch result {
                case .success(let reading): .done(reading)
                case .failure(.cancelled): .again
                case .failure(let error): .failed(error)
                }
            waiter.continuation.resume(returning: turn)
        }
        if waiters.isEmpty {
            isReading = false
        } else {
            waiters.removeFirst().continuation.resume(returning: .lead)
        }
        return try result.get()
    }

    private func fetch(_ products: Set<String>) async -> Result<StockReading, ValkeyError> {
        let products = Array(products)
        do throws(ValkeyError) {
            let commands = products.map { ValkeyCommand("HGET", Keys.stock($0), "available") }
            let replies = try await valkey.pipeline([ValkeyCommand("HGET", Keys.catalog, "version")] + commands)
            var reading = StockReading(catalogVersion: replies.first?.int ?? 0, available: [:])
            for (product, reply) in zip(products, replies.dropFirst()) {
                if case .error(let error) = reply { throw ValkeyError.server(error) }
                reading.available[product] = reply.int ?? 0
            }
            return .success(reading)
        } catch {
            return .failure(error)
        }
    }
}
