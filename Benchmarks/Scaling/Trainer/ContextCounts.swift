import Foundation
import Scaling

/// How many minutes each function had in each context, with a need and without.
struct ContextCounts {
    /// Minutes of one function that count in a context, so that none dominates.
    private static let most = 40.0
    /// Minutes that the share of needs over all contexts counts for in each.
    private static let pull = 3.0

    private struct Pair {
        var with = 0.0
        var without = 0.0

        var all: Double { with + without }

        mutating func limit(to most: Double) {
            guard all > most else { return }
            let share = most / all
            with *= share
            without *= share
        }
    }

    /// By function and context.
    private var pairs: [[Pair]]
    /// By context.
    private var sums: [Pair]

    init(_ seen: [[RhythmTraining.Minute]], contexts: Int) {
        pairs = seen.map { minutes in
            var pairs = [Pair](repeating: Pair(), count: contexts)
            for minute in minutes {
                for context in minute.contexts {
                    if minute.needed { pairs[context].with += 1 } else { pairs[context].without += 1 }
                }
            }
            for context in pairs.indices { pairs[context].limit(to: Self.most) }
            return pairs
        }
        sums = Array(repeating: Pair(), count: contexts)
        for function in pairs {
            for context in sums.indices {
                sums[context].with += function[context].with
                sums[context].without += function[context].without
            }
        }
    }

    /// The share of minutes with a need, over all contexts.
    private var share: Double { sums.reduce(0) { $0 + $1.with } / sums.reduce(0) { $0 + $1.all } }

    /// The logarithm of the odds of a need by context, over all functions or all but one.
    func odds(without function: Int? = nil) -> [Float] {
        let share = share
        return sums.indices.map { context in
            var pair = sums[context]
            if let function {
                pair.with -= pairs[function][context].with
                pair.without -= pairs[function][context].without
            }
            let chance = (pair.with + Self.pull * share) / (pair.all + Self.pull)
            let within = min(max(chance, 0.001), 0.999)
            return Float(log(within / (1 - within)))
        }
    }

    /// What the odds are worth by context, in halves of a minute: much where functions are alike, little where they
    /// differ.
    ///
    /// Empirical Bayes: the likeliest concentration of a beta-binomial distribution over the functions, where
    /// concentrations around four are likelier beforehand.
    func trust() -> [UInt8] {
        let share = share
        return sums.indices.map { context in
            let mean = (sums[context].with + Self.pull * share) / (sums[context].all + Self.pull)
            var best = (likelihood: -Double.infinity, concentration: 0.0)
            for concentration in [0.5, 1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24, 32] {
                let a = concentration * mean
                let b = concentration * (1 - mean)
                var likelihood = -pow(log(concentration / 4), 2) / 2
                for function in pairs where function[context].all > 0 {
                    let pair = function[context]
                    likelihood +=
                        lgamma(a + pair.with) - lgamma(a) + lgamma(b + pair.without) - lgamma(b)
                        - lgamma(concentration + pair.all) + lgamma(concentration)
                }
                if likelihood > best.likelihood { best = (likelihood, concentration) }
            }
            return UInt8(best.concentration * 2)
        }
    }
}
