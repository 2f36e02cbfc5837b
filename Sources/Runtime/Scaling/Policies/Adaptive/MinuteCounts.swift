/// How many requests came in each of the last minutes, and whether more are to come in this one.
///
/// What a clock calls often comes with the same number of requests each time: once that many have come, the minute holds
/// no more, and the worker can go.
struct MinuteCounts: Sendable {
    static let kept = 5
    private static let contexts = 36
    /// Each outcome makes all earlier ones of its context count less by one part in this many.
    private static let memory: Float = 50
    /// Outcomes that the chance without this knowledge counts for.
    private static let trust = 2.0

    /// Requests in the minute under way.
    private(set) var now = 0
    private var past = [Int](repeating: 0, count: kept)
    /// Requests of the last two minutes that had any.
    private var busy = (last: 0, before: 0)
    /// What the minutes that had any foretell of the next.
    private(set) var forecast = CountForecast()
    /// Of the needs that ended in each context, how many came again within their minute, and how many there were.
    private var again = [Float](repeating: 0, count: contexts)
    private var ends = [Float](repeating: 0, count: contexts)

    init() {}

    mutating func add(_ requests: Int) { now &+= requests }

    /// Minutes are over.
    mutating func close(minutes: Int) {
        for _ in 0..<Swift.min(minutes, Self.kept + 1) {
            for age in stride(from: Self.kept - 1, to: 0, by: -1) { past[age] = past[age - 1] }
            past[0] = now
            if now > 0 {
                busy = (now, busy.last)
                forecast.add(now)
            }
            now = 0
        }
    }

    /// Requests in the two minutes before a minute and in all five, that minute being `ahead` minutes after the one
    /// under way (0 for itself) and none coming between.
    func before(minuteAhead ahead: Int) -> (last: Int, before: Int, five: Int) {
        func count(_ age: Int) -> Int { age < 0 ? 0 : age == 0 ? now : age <= Self.kept ? past[age - 1] : 0 }
        var five = 0
        for age in (1 - ahead)...(Self.kept - ahead) { five += count(age) }
        return (count(1 - ahead), count(2 - ahead), five)
    }

    /// What is told apart when a need ends: whether fewer, as many or more came than in each of the last two busy
    /// minutes, and which quarter of the minute it is.
    func context(at clock: Int64) -> Int {
        func compare(_ count: Int) -> Int { now < count ? 0 : now == count ? 1 : 2 }
        let quarter = Int(clock % AdaptiveLevel.minute / (AdaptiveLevel.minute / 4))
        return compare(busy.last) * 12 + compare(busy.before) * 4 + quarter
    }

    /// A need that ended in `context` came again within its minute, or did not.
    mutating func learn(_ context: Int, cameAgain: Bool) {
        let keep = 1 - 1 / Self.memory
        again[context] = again[context] * keep + (cameAgain ? 1 : 0)
        ends[context] = ends[context] * keep + 1
    }

    /// The chance that a need which ended in `context` comes again within its minute; `otherwise` is that chance
    /// without this knowledge.
    func chance(_ context: Int, otherwise: Double) -> Double {
        let chance = (Double(again[context]) + Self.trust * otherwise) / (Double(ends[context]) + Self.trust)
        return Swift.min(chance, 0.999)
    }

    /// What was learned, a byte each, in quarters where they are counts.
    func encode(into bytes: inout [UInt8]) {
        for value in again + ends { bytes.append(UInt8(Swift.min(255, (value * 4).rounded()))) }
        forecast.encode(into: &bytes)
    }

    /// Reads what ``encode(into:)`` wrote.
    init?(from reader: inout ByteReader) {
        guard let again = reader.take(Self.contexts), let ends = reader.take(Self.contexts),
            let forecast = CountForecast(from: &reader)
        else { return nil }
        self.forecast = forecast
        self.ends = ends.map { Float($0) / 4 }
        self.again = zip(again, self.ends).map { Swift.min(Float($0) / 4, $1) }
    }
}
