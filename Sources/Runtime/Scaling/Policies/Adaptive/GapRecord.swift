/// When a level was last needed, and how long the pauses between its needs were.
struct GapRecord: Sendable {
    /// In nanoseconds on the policy's clock.
    var lastNeeded: Int64
    private(set) var histogram = GapHistogram()
    /// Minutes of the last two pauses that were longer than a moment.
    private(set) var previous = (last: 64, before: 64)
    private(set) var long = LongGaps()
    /// How many pauses were longer than a moment.
    private(set) var pauses: UInt8 = 0

    init(lastNeeded: Int64) { self.lastNeeded = lastNeeded }

    /// The pause since ``lastNeeded`` is over; shorter ones than `leastKeep` are bridged anyway.
    ///
    /// - Returns: Whether it was longer than a moment.
    mutating func end(at now: Int64, leastKeep: Int64) -> Bool {
        let gap = now - lastNeeded
        if gap >= leastKeep { histogram.add(Double(gap) * 1e-9) }
        guard Double(gap) * 1e-9 >= AdaptiveConstants.rhythmGap else { return false }
        // What a clock calls keeps its distance in minutes, wherever in its minute it comes.
        let minutes = minutes(until: now / AdaptiveLevel.minute)
        previous = (minutes, previous.last)
        long.add(minutes)
        if pauses < .max { pauses += 1 }
        return true
    }

    /// Minutes from the last need's to another.
    func minutes(until minute: Int64) -> Int { Int(minute - lastNeeded / AdaptiveLevel.minute) }

    func encode(into bytes: inout [UInt8]) {
        bytes.append(integer: lastNeeded)
        bytes.append(integer: Int32(clamping: previous.last))
        bytes.append(integer: Int32(clamping: previous.before))
        bytes.append(pauses)
        long.encode(into: &bytes)
        histogram.encode(into: &bytes)
    }

    /// Reads what ``encode(into:)`` wrote, moving its time by `shift`, to `now` at the latest.
    init?(from reader: inout ByteReader, shift: Int64, now: Int64) {
        guard let saved = reader.integer(Int64.self),
            let last = reader.integer(Int32.self), last >= 0,
            let before = reader.integer(Int32.self), before >= 0,
            let pauses = reader.integer(UInt8.self),
            let long = LongGaps(from: &reader),
            let histogram = GapHistogram(from: &reader)
        else { return nil }
        let (moved, overflow) = saved.addingReportingOverflow(shift)
        guard !overflow, moved >= 0 else { return nil }
        lastNeeded = Swift.min(moved, now)
        previous = (Int(last), Int(before))
        self.pauses = pauses
        self.long = long
        self.histogram = histogram
    }
}
