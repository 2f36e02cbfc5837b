/// How long requests run: quantiles, joined so that the mean is right where it is known.
///
/// Between two quantiles the duration rises in a straight line; from the 75th percentile on it rises by a power of the
/// way through the segment, the same for all segments, chosen so that the mean comes out as recorded. Straight lines
/// there would overstate a long tail: a few percent of slow requests are not spread evenly up to the slowest.
package struct DurationDistribution: Hashable, Sendable {
    /// The tail's segments are those that reach beyond it.
    private static let tail = 0.75

    /// Cumulative probabilities, from 0 to 1, rising.
    private var probabilities: [Double]
    /// The duration at each of them in nanoseconds, never falling.
    private var durations: [Double]
    /// The power by which durations rise within a segment of the tail; 1 is a straight line.
    private var power = 1.0

    /// Every request runs equally long.
    package init(constant milliseconds: Double) {
        self.init(quantiles: [(0, milliseconds), (1, milliseconds)])
    }

    /// Quantiles as (probability, milliseconds), from probability 0 to 1, rising; durations that fall are raised.
    ///
    /// `mean`: The recorded mean in milliseconds, where it is known.
    package init(quantiles: [(probability: Double, milliseconds: Double)], mean: Double? = nil) {
        probabilities = quantiles.map(\.probability)
        durations = []
        var least = 0.0
        for quantile in quantiles {
            least = Swift.max(least, quantile.milliseconds * 1e6)
            durations.append(least)
        }
        guard let mean else { return }
        // The mean of low + (high - low) × v^power over v in 0...1 is low + (high - low) / (power + 1).
        var fixed = 0.0
        var rising = 0.0
        for index in 1..<probabilities.count {
            let share = probabilities[index] - probabilities[index - 1]
            let rise = durations[index] - durations[index - 1]
            if probabilities[index] > Self.tail {
                fixed += share * durations[index - 1]
                rising += share * rise
            } else {
                fixed += share * (durations[index - 1] + rise / 2)
            }
        }
        let missing = mean * 1e6 - fixed
        guard rising > 0 else { return }
        power = missing > 0 ? Swift.min(Swift.max(rising / missing - 1, 0.05), 50) : 50
    }

    /// The duration at a probability in 0..<1, in nanoseconds, at least one.
    func sample(_ unit: Double) -> Int64 {
        var upper = 1
        while upper < probabilities.count - 1, unit >= probabilities[upper] { upper += 1 }
        let begin = probabilities[upper - 1]
        let low = durations[upper - 1]
        let span = probabilities[upper] - begin
        var part = span > 0 ? (unit - begin) / span : 0
        if power != 1, probabilities[upper] > Self.tail, part > 0 { part = exponential(power * naturalLogarithm(part)) }
        return Swift.max(1, Int64(low + (durations[upper] - low) * part))
    }

    /// The mean in milliseconds.
    package var mean: Double {
        var sum = 0.0
        for index in 1..<probabilities.count {
            let rise = durations[index] - durations[index - 1]
            let shape = probabilities[index] > Self.tail ? power : 1
            sum += (probabilities[index] - probabilities[index - 1]) * (durations[index - 1] + rise / (shape + 1))
        }
        return sum / 1e6
    }
}
