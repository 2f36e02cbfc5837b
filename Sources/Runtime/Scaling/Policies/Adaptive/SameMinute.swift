/// Whether a need that ended comes again before its minute is over.
///
/// What a clock calls comes once a minute or less often, wherever in the minute; then a worker can go at once and come
/// back for the next. The gap histogram cannot tell that: it knows no minutes.
struct SameMinute: Sendable {
    /// Minutes' remainders after which what was seen counts half.
    private static let memory = 60.0
    /// Remainders that the gap histogram's word counts for.
    private static let trust = 1.0

    /// How often it came again.
    private var hits = 0.0
    /// What was left of minutes when it ended, in minutes, added up.
    private var seen = 0.0

    init() {}

    /// A need ended, and the next one came.
    mutating func learn(ended: Int64, next: Int64) {
        let minute = AdaptiveLevel.minute
        seen += 1 - Double(ended % minute) / Double(minute)
        if next / minute == ended / minute { hits += 1 }
        if seen >= Self.memory {
            seen /= 2
            hits /= 2
        }
    }

    /// The chance of a need between now and the end of this minute.
    ///
    /// `byGaps`: The same by the gap histogram, which speaks alone where the minute had no need yet.
    func chance(now: Int64, lastNeeded: Int64, byGaps: Double) -> Double {
        let minute = AdaptiveLevel.minute
        guard lastNeeded / minute == now / minute else { return byGaps }
        let left = 1 - Double(now % minute) / Double(minute)
        return Swift.min((hits * left + Self.trust * byGaps) / (seen + Self.trust), 0.999)
    }

    func encode(into bytes: inout [UInt8]) {
        bytes.append(number: hits)
        bytes.append(number: seen)
    }

    /// Reads what ``encode(into:)`` wrote.
    init?(from reader: inout ByteReader) {
        guard let hits = reader.number(), hits >= 0,
            let seen = reader.number(), (0...Self.memory).contains(seen)
        else { return nil }
        self.hits = hits
        self.seen = seen
    }
}
