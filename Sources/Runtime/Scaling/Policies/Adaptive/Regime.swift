/// How busy a level has been for hours.
struct Regime: Sendable {
    private static let edges = [0.01, 0.03, 0.08, 0.2, 0.45, 0.8]
    /// Minutes that must have been seen.
    private static let least = 20.0

    /// Minutes in which it was needed, and all minutes; both forget over hours.
    private var busy = 0.0
    private var all = 0.0

    init() {}

    /// Minutes are over, in the first of which it was needed or not, and in the others not.
    mutating func pass(minutes: Int, needed: Bool) {
        busy = busy * Self.kept(over: minutes) + (needed ? 1 : 0)
        all = Swift.min(AdaptiveConstants.regimeMemory, all + Double(minutes))
    }

    /// A class from 1 to 7 once `minutes` more have passed without a need; 0 where that is too soon to tell.
    func level(after minutes: Int) -> Int {
        let all = Swift.min(AdaptiveConstants.regimeMemory, all + Double(minutes))
        guard all >= Self.least else { return 0 }
        let share = busy * Self.kept(over: minutes) / all
        return 1 + (Self.edges.firstIndex { share < $0 } ?? Self.edges.count)
    }

    private static func kept(over minutes: Int) -> Double {
        exponential(-Double(minutes) / AdaptiveConstants.regimeMemory)
    }

    func encode(into bytes: inout [UInt8]) {
        bytes.append(number: busy)
        bytes.append(number: all)
    }

    /// Reads what ``encode(into:)`` wrote.
    init?(from reader: inout ByteReader) {
        guard let busy = reader.number(), busy >= 0,
            let all = reader.number(), (0...AdaptiveConstants.regimeMemory).contains(all)
        else { return nil }
        self.busy = busy
        self.all = all
    }
}
