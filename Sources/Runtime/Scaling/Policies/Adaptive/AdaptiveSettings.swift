/// The one knob of the adaptive policy: what waiting may cost.
package struct WaitCost: Hashable, Sendable {
    /// Worker-seconds one is ready to spend so that one request need not wait for a start.
    package var workerSeconds: Double

    /// At least 0; what is no number counts as 0.
    package init(workerSeconds: Double) { self.workerSeconds = workerSeconds > 0 ? Swift.min(workerSeconds, 1e9) : 0 }

    /// Few workers; requests after a pause often wait.
    package static let lean = WaitCost(workerSeconds: 40)
    /// About what a busy shop would choose.
    package static let balanced = WaitCost(workerSeconds: 150)
    /// Hardly any request waits.
    package static let eager = WaitCost(workerSeconds: 600)
}

/// The adaptive policy's constants.
///
/// All but the cost are fixed; `docs/scaling.md` says how each was chosen.
enum AdaptiveConstants {
    /// A shorter wait than this is not felt: it costs in proportion, as a start of its length would.
    static let feltWait: Int64 = 100_000_000
    /// A start is priced at this share of a wait's cost, up to ``mostStartPrice`` worker-seconds: it damps flutter.
    static let startPriceShare = 0.25
    static let mostStartPrice = 25.0
    /// A worker is kept at least for this share of a wait's cost in seconds, within ``leastKeep``, before a plan is made.
    static let keepShare = 0.01
    static let leastKeep: ClosedRange<Double> = 0.25...10
    /// A backlog is to be worked off within this share of a start, but never faster than ``feltWait``.
    static let clearShare = 0.5
    /// Of the requests that come while a level is missing, the level's own share counts this many times.
    static let ownShare = 2.0
    /// The power by which the expected number of waiting requests counts: bursts are rarer than they were.
    static let waitingPower = 0.6
    /// Events over which the expected number of waiting requests is averaged.
    static let waitingMemory = 15.0
    /// From this share of a level's slots on the next level may be started beforehand.
    static let headroomShare = 0.6
    /// The next level is expected within so many starts, and seconds.
    static let headroomStarts = 2.0
    static let headroomSeconds = 4.0
    /// What a start beforehand to no purpose costs, as a share of a start's price: the level is often kept anyway.
    static let headroomStartShare = 0.25
    /// Minutes over which it is averaged how busy a level is.
    static let regimeMemory = 480.0
    /// Whether a need comes again within its minute is the sum of these, each times its log-odds: what the gap histogram
    /// says, what the counts of the last busy minutes say, and what came of such needs before; and of the last.
    static let sameMinute = (gaps: 0.19, counts: 0.48, outcomes: 0.45, bias: -0.4)
    /// Minutes that the counts' word on when in a minute a need begins stands for.
    static let shapeWeight = 100.0
    /// Until a level above the lowest has had so many pauses, the odds that it is needed again count for less by this
    /// factor.
    static let pausesOfRhythm: UInt8 = 3
    static let doubt = 20.0
    /// Gaps from this length on tell in which part of the minute a need begins.
    static let rhythmGap: Double = 20
}
