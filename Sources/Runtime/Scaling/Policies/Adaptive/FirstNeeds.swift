/// When in a minute that has a need the first begins.
struct FirstNeeds: Sendable {
    /// The share of each part of the minute.
    let shares: [Double]

    fileprivate init(_ weights: [Double]) {
        let all = weights.reduce(0, +)
        shares = weights.map { $0 / all }
    }

    /// The share that begins before a moment of the minute, in nanoseconds since it began.
    func share(before moment: Int64) -> Double {
        var sum = 0.0
        for (index, share) in shares.enumerated() {
            let begin = Int64(index) * AdaptiveLevel.part
            if moment < begin + AdaptiveLevel.part {
                return sum + share * Double(Swift.max(0, moment - begin)) / Double(AdaptiveLevel.part)
            }
            sum += share
        }
        return 1
    }

    /// In which part of the minute needs have begun after a pause.
    struct Counts: Sendable {
        private var counts = [Double](repeating: 3, count: CountForecast.parts)
        private var seen = 0

        init() {}

        mutating func add(at now: Int64) {
            counts[Int(now % AdaptiveLevel.minute / AdaptiveLevel.part)] += 1
            seen += 1
            if seen >= 64 {
                seen = 32
                for index in counts.indices { counts[index] = 1.5 + counts[index] / 2 }
            }
        }

        /// As seen so far, and as the last minutes' requests foretell.
        func firstNeeds(_ forecast: CountForecast) -> FirstNeeds {
            var parts = counts
            if let shape = forecast.firstByPart {
                for part in parts.indices { parts[part] += AdaptiveConstants.shapeWeight * shape[part] }
            }
            return FirstNeeds(parts)
        }

        func encode(into bytes: inout [UInt8]) {
            for count in counts { bytes.append(UInt8(Swift.min(255, count.rounded()))) }
        }

        /// Reads what ``encode(into:)`` wrote.
        init?(from reader: inout ByteReader) {
            guard let counts = reader.take(CountForecast.parts) else { return nil }
            self.counts = counts.map { Swift.max(1, Double($0)) }
        }
    }
}
