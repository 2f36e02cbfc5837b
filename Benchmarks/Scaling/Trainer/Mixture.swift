import Foundation
import Scaling

/// The weights with which a minute's views are mixed.
enum Mixture {
    private static let passes = 16
    private static let rate: Float = 0.001
    /// How strongly weights are held to where they began, so that few minutes do not make them extreme.
    private static let hold: Float = 0.01

    /// Goes down the gradient of the logarithmic loss, minute by minute in an order drawn anew for each pass.
    static func trained(_ weights: [Float], on minutes: [RhythmTraining.Minute]) -> [Float] {
        let begin = weights
        var weights = weights
        var order = Array(minutes.indices)
        var random = OrderSource()
        for pass in 0..<passes {
            order.shuffle(using: &random)
            let rate = rate / (1 + Float(pass) / 3)
            for index in order {
                let minute = minutes[index]
                let sets = minute.weightSets
                var sum: Float = 0
                for (input, value) in minute.inputs.enumerated() {
                    sum += value * (weights[sets.busy + input] + weights[sets.since + input])
                }
                let chance = 1 / (1 + exp(-sum))
                let step = rate * ((minute.needed ? 1 : 0) - chance)
                let hold = rate * hold
                for (input, value) in minute.inputs.enumerated() {
                    for index in [sets.busy + input, sets.since + input] {
                        weights[index] += step * value - hold * (weights[index] - begin[index])
                    }
                }
            }
        }
        return weights
    }

    /// The same numbers in every run: Knuth's linear congruential generator for MMIX, its high bits mixed in.
    private struct OrderSource: RandomNumberGenerator {
        private var state: UInt64 = 12345

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ (state >> 29)
        }
    }
}
