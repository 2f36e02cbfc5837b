import Time

/// Why a policy is asked.
enum PolicyCause: Sendable {
    /// The pool began, or its limits changed.
    case began
    /// Demand left the quiet band the policy named.
    case demand
    /// Workers came or went.
    case workers
    /// The time it asked for has come.
    case timer
}

/// What a policy is asked with.
struct PolicyQuestion {
    var cause: PolicyCause
    var now: Int64
    /// What added to `now` gives nanoseconds since the Unix epoch, or since any full minute where that is unknown.
    var clockOffset: Int64
    var view: PoolView
    /// Slots a worker has.
    var concurrency: Int
    /// The least and most it may answer; what lies outside is cut off.
    var min: Int
    var max: Int
    /// The longest a worker may stay unneeded, in nanoseconds; `nil` leaves it open.
    var idle: Int64?
    /// How long a worker takes from being asked for to offering slots, in nanoseconds.
    var startTime: Int64
    /// What the last decision wanted.
    var wanted: Int

    /// The fewest workers whose slots hold what is in flight, limits aside.
    var needed: Int { workersFor(view.inFlight) }

    func workersFor(_ inFlight: Int) -> Int { (inFlight + concurrency - 1) / concurrency }
}

/// What a policy answers.
struct PolicyAnswer {
    var wanted: Int
    var reason: ScaleReason
    /// Counts in flight at which it needs not be asked again; outside them it is, at once.
    var quiet: ClosedRange<Int>
    /// When it wants to be asked even if nothing happens, in nanoseconds.
    var nextCheck: Int64?
    /// What it will do if demand stays as it is.
    var planned: PlannedChange?
}

/// The rule by which a pool's wanted workers follow its demand.
///
/// It knows only what it is told.
protocol ScalingPolicy: Sendable {
    mutating func decide(_ question: PolicyQuestion, _ meter: DemandMeter) -> PolicyAnswer

    /// The learned part, to be given back after a restart; empty where there is none.
    func encodeLearned(at now: Int64, clockOffset: Int64) -> [UInt8]

    /// Takes back what ``encodeLearned(at:clockOffset:)`` gave; false if it makes no sense, and nothing has changed then.
    mutating func restoreLearned(_ bytes: ArraySlice<UInt8>, at now: Int64, clockOffset: Int64) -> Bool
}

extension ScalingPolicy {
    func encodeLearned(at now: Int64, clockOffset: Int64) -> [UInt8] { [] }

    mutating func restoreLearned(_ bytes: ArraySlice<UInt8>, at now: Int64, clockOffset: Int64) -> Bool {
        bytes.isEmpty
    }
}

extension PolicyQuestion {
    /// The counts in flight that need exactly `level` workers; the last level reaches on without end.
    func band(of level: Int) -> ClosedRange<Int> {
        let lower = level == 0 ? 0 : (level - 1) * concurrency + 1
        let upper = level >= max ? Int.max : level * concurrency
        return lower...upper
    }
}
