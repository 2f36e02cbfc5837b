/// When an unneeded level is to be warm: the cheapest schedule given how likely it is needed when.
///
/// Time from now on is cut into bins. In each the level is warm or off. Warm costs a worker-second a second until the
/// need comes; a need that finds it off costs the miss; going from off to warm costs a start. Working back from the
/// last bin, the cheaper choice in each is known once those after it are (dynamic programming over two states).
struct KeepPlan: Sendable {
    struct Step: Hashable, Sendable {
        /// From when on, in nanoseconds.
        var at: Int64
        var warm: Bool
        /// The chance that the need comes within ``within`` from then.
        var chance: Double
        var within: Int64
    }

    private(set) var steps: [Step] = []
    /// When the plan ends without having been thought through further; `nil` where it has been.
    private(set) var openFrom: Int64?

    init() {}

    /// Warm until `until` for sure, and not thought through beyond.
    init(warmFrom now: Int64, until: Int64, chance: Double, within: Int64) {
        steps = [Step(at: now, warm: true, chance: chance, within: within)]
        openFrom = until
    }

    /// Whether a bin is worth staying warm for by itself, whatever comes after it.
    ///
    /// Being warm is never worse later than being off is, so what the bin itself brings decides.
    @inline(__always)
    static func isWorthStaying(width: Int64, chance: Double, missCost: Double) -> Bool {
        Double(width) * 1e-9 * (1 - chance / 2) <= chance * missCost
    }

    /// - Parameters:
    ///   - edges: The bins' edges in nanoseconds, rising; the first is now.
    ///   - chances: For each bin, how likely the need comes in it if it has not come before.
    ///   - missCost: Worker-seconds a need costs that finds the level off.
    ///   - startCost: Worker-seconds a start costs.
    ///   - lead: Nanoseconds a start takes; it begins that much before its bin.
    ///   - isWarm: Whether the level is warm now.
    ///   - warmSince: Since when the level has been kept so far, for `longest`.
    ///   - longest: The longest it may stay warm without a need; `nil` for no bound.
    ///   - openFrom: When to think again; `nil` for not before the need.
    init(
        edges: [Int64],
        chances: [Double],
        missCost: Double,
        startCost: Double,
        lead: Int64,
        isWarm: Bool,
        warmSince: Int64,
        longest: Int64?,
        openFrom: Int64?
    ) {
        let count = chances.count
        guard count > 0, edges.count == count + 1 else { return }
        var stays = [Bool](repeating: false, count: count)
        var starts = [Bool](repeating: false, count: count)
        var warmCost = 0.0
        var offCost = 0.0
        for bin in stride(from: count - 1, through: 0, by: -1) {
            let width = Double(edges[bin + 1] - edges[bin]) * 1e-9
            let chance = chances[bin]
            let stay = width * (1 - chance / 2) + (1 - chance) * warmCost
            let off = chance * missCost + (1 - chance) * offCost
            starts[bin] = startCost + stay < off
            offCost = Swift.min(off, startCost + stay)
            stays[bin] = stay <= offCost
            warmCost = Swift.min(stay, offCost)
        }

        func chance(from bin: Int, within span: Int64) -> Double {
            var none = 1.0
            for later in bin..<count where edges[later] < edges[bin] + span { none *= 1 - chances[later] }
            return 1 - none
        }
        let ahead: Int64 = 60_000_000_000
        var warm = isWarm ? stays[0] : starts[0]
        var since = warmSince
        func step(_ at: Int64, _ warm: Bool, _ bin: Int) {
            let span = warm ? ahead : 10 * ahead
            steps.append(Step(at: at, warm: warm, chance: chance(from: bin, within: span), within: span))
        }
        step(edges[0], warm, 0)
        for bin in 0..<count {
            if bin > 0, warm, !stays[bin] {
                warm = false
                step(edges[bin], false, bin)
            } else if bin > 0, !warm, starts[bin] {
                warm = true
                since = Swift.max(edges[bin] - lead, edges[0] + 1)
                step(since, true, bin)
            }
            if warm, let longest, since + longest < edges[bin + 1] {
                warm = false
                step(Swift.max(since + longest, edges[0]), false, bin)
                // Once it has been kept to no purpose for as long as allowed, it waits for the need.
                return
            }
        }
        if warm { step(edges[count], false, count - 1) }
        self.openFrom = openFrom
    }

    /// What holds at a moment: the last step that has begun.
    func step(at now: Int64) -> Step? {
        var found: Step?
        for step in steps {
            if step.at > now { break }
            found = step
        }
        return found
    }

    /// The first step after a moment.
    func next(after now: Int64) -> Step? { steps.first { $0.at > now } }
}
