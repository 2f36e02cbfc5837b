import Scaling

/// A prior as the source file that the adaptive policy is built with.
struct PriorSource {
    private let prior: RhythmTraining.Prior

    init(_ prior: RhythmTraining.Prior) { self.prior = prior }

    var text: String {
        """
        /// What a pool's rhythm model knows before it has seen anything.
        ///
        /// Learned from the first half (minutes 0 to 239) of a sample of the Azure Functions trace of 2019 and nothing else.
        /// Made by `rhythm-trainer`; `docs/scaling.md` says how, and what it does.
        enum RhythmPrior {
            /// The logarithm of the odds that a level is needed in a minute, in hundredths, by context: counted over all
            /// functions, none of which counts for more than forty minutes in a context.
            static let odds: [Int16] = [
        \(rows(prior.odds.map { Int(($0 * 100).rounded()) }))
            ]

            /// Minutes that ``odds`` count for, in halves, by context: many where functions are alike, few where they differ
            /// (the likeliest concentration of a beta-binomial distribution over functions).
            static let trust: [UInt8] = [
        \(rows(prior.trust.map(Int.init)))
            ]

            /// The mixture's weights in thousandths: for each weight set, one per view, the gap histogram's, the bias'.
            static let weights: [Int16] = [
        \(rows(prior.weights.map { Int(($0 * 1000).rounded()) }))
            ]
        }

        """
    }

    /// Numbers in lines of at most 119 columns.
    private func rows(_ numbers: [Int]) -> String {
        var lines: [String] = []
        var line = ""
        for number in numbers {
            let word = "\(number),"
            if line.isEmpty {
                line = "        " + word
            } else if line.count + 1 + word.count <= 119 {
                line += " " + word
            } else {
                lines.append(line)
                line = "        " + word
            }
        }
        return (lines + [line]).joined(separator: "\n")
    }
}
