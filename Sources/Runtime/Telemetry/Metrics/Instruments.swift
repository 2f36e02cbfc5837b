import Synchronization

/// A number that only grows.
///
/// Adding is one atomic instruction.
package final class Counter: Sendable {
    private let count = Atomic<UInt64>(0)

    init() {}

    package func add(_ amount: UInt64 = 1) {
        count.add(amount, ordering: .relaxed)
    }

    package var value: UInt64 { count.load(ordering: .relaxed) }
}

/// A number that is set.
package final class Gauge: Sendable {
    private let bits = Atomic<UInt64>(0)

    init() {}

    package func set(_ value: Double) {
        bits.store(value.bitPattern, ordering: .relaxed)
    }

    package var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }
}

/// Counts observed values by size.
///
/// Observing is a search over the bounds and two atomic additions.
package final class Histogram: Sendable {
    /// The upper bounds of the buckets, ascending; a last one for everything above is implied.
    package let bounds: [Double]
    // Written only through atomics; allocated in init and freed in deinit.
    private nonisolated(unsafe) let buckets: UnsafeMutablePointer<Atomic<UInt64>>
    /// The sum in nanounits: an integer adds up without a loop, and a billionth is finer than any clock here.
    private let sum = Atomic<UInt64>(0)

    init(bounds: [Double]) {
        let sorted = bounds.filter(\.isFinite).sorted()
        self.bounds = sorted
        buckets = .allocate(capacity: sorted.count + 1)
        for index in 0...sorted.count {
            (buckets + index).initialize(to: Atomic(0))
        }
    }

    deinit {
        buckets.deinitialize(count: bounds.count + 1)
        buckets.deallocate()
    }

    /// Counts one value, which is not negative; others count as 0.
    package func observe(_ value: Double) {
        let value = value.isFinite ? max(0, value) : 0
        var index = 0
        while index < bounds.count, value > bounds[index] { index += 1 }
        buckets[index].add(1, ordering: .relaxed)
        sum.add(UInt64(min(value * 1e9, 1e18)), ordering: .relaxed)
    }

    /// Counts one duration, in seconds.
    package func observe(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        observe(Double(seconds) + Double(attoseconds) * 1e-18)
    }

    /// The counts per bucket (not cumulated) and the sum, as they are now.
    package var snapshot: (counts: [UInt64], sum: Double) {
        let counts = (0...bounds.count).map { buckets[$0].load(ordering: .relaxed) }
        return (counts, Double(sum.load(ordering: .relaxed)) * 1e-9)
    }

    /// Bounds in seconds for durations from a tenth of a millisecond to half a minute.
    package static let durations: [Double] = [
        0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
    ]
}
