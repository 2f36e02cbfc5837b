/// The last long pauses between needs, in minutes, and how the one under way compares with them.
///
/// What a clock calls every few hours or once a day comes again after a pause it has had before, which no memory of
/// single minutes reaches back to.
struct LongGaps: Sendable {
    private static let kept = 12
    /// Shorter ones come too often to be worth a place.
    private static let least = 8
    private static let most = 6_000
    /// How many contexts ``context(after:)`` tells apart.
    static let contexts = 64

    /// Latest first.
    private var minutes: [UInt16] = []

    init() {}

    mutating func add(_ gap: Int) {
        guard gap >= Self.least else { return }
        if minutes.count == Self.kept { minutes.removeLast() }
        minutes.insert(UInt16(Swift.min(gap, Self.most)), at: 0)
    }

    /// Of the pauses how many were as long as the one under way is now, how many a minute off, and how many longer.
    func context(after since: Int) -> Int {
        var same = 0
        var beside = 0
        var longer = 0
        for gap in minutes {
            switch Int(gap) - since {
            case 0: same += 1
            case -1, 1: beside += 1
            case 2...: longer += 1
            default: break
            }
        }
        func size(_ count: Int) -> Int { count < 2 ? count : count < 5 ? 2 : 3 }
        return size(same) * 16 + size(beside) * 4 + size(longer)
    }

    /// Whether any pause told apart in a context was as long as the one under way, or a minute off.
    static func isKnown(_ context: Int) -> Bool { context >= 4 }

    func encode(into bytes: inout [UInt8]) {
        for index in 0..<Self.kept { bytes.append(integer: index < minutes.count ? minutes[index] : 0) }
    }

    /// Reads what ``encode(into:)`` wrote.
    init?(from reader: inout ByteReader) {
        for _ in 0..<Self.kept {
            guard let gap = reader.integer(UInt16.self), gap <= Self.most else { return nil }
            if gap >= Self.least { minutes.append(gap) }
        }
    }
}
