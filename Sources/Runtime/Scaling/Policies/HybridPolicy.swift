import Time

/// The hybrid histogram policy of Shahrad et al., "Serverless in the Wild" (USENIX ATC 2020), section 4.
///
/// Idle times between the end of one use and the begin of the next are counted in bins of a minute up to four hours.
/// Once they are representative (the bins' coefficient of variation is at least 2), the pool goes to zero at once, is
/// started again at the 5th percentile less 10 %, and is kept until the 99th percentile plus 10 %. A 5th percentile
/// below a minute means: never let go before. Until then, and where most idle times are longer than four hours, the
/// pool is kept for the histogram's whole range.
struct HybridPolicy: ScalingPolicy {
    private static let minute: Int64 = 60_000_000_000
    private static let bins = 240

    private var counts = [Int32](repeating: 0, count: bins)
    private var counted = 0
    private var beyond = 0
    /// Sum of the squares of all counts, for the variation.
    private var squares = 0
    /// When the pool was last in use; `nil` before its first.
    private var idleSince: Int64?
    private var used = false
    /// Nanoseconds after the last use at which a worker is to be there, and to go.
    private var preWarm: Int64 = 0
    private var keepAlive: Int64 = Int64(bins) * minute
    private var levels = FixedPolicy(keepAlive: 600_000_000_000)

    init() {}

    mutating func decide(_ question: PolicyQuestion, _ meter: DemandMeter) -> PolicyAnswer {
        let now = question.now
        // Beyond the first worker the paper says nothing: those follow demand with a keep-alive.
        var upper = question
        let n = Double(question.view.inFlight)
        upper.view.inFlight = Int(1.1 * n + n.squareRoot())
        upper.wanted = Swift.max(question.wanted, upper.needed)
        var answer = levels.decide(upper, meter)
        if question.view.inFlight > 0 {
            if !used {
                if let since = idleSince { learn(now - since) }
                used = true
            }
            answer.wanted = Swift.max(1, answer.wanted)
            answer.quiet = question.view.inFlight...question.view.inFlight
            return answer
        }
        if used {
            used = false
            idleSince = now
        }
        guard let since = idleSince else {
            return PolicyAnswer(wanted: question.min, reason: .steady(inFlight: 0), quiet: 0...0)
        }
        let warmAt = since + preWarm
        let goneAt = since + preWarm + keepAlive
        // Higher levels follow their own keep-alive only while the first is kept.
        if now >= goneAt {
            return PolicyAnswer(
                wanted: 0,
                reason: .idle(level: 1, after: .nanoseconds(preWarm + keepAlive)),
                quiet: 0...0
            )
        }
        if now < warmAt {
            return PolicyAnswer(
                wanted: 0,
                reason: .idle(level: 1, after: .zero),
                quiet: 0...0,
                nextCheck: warmAt,
                planned: PlannedChange(wanted: 1, at: Instant(nanoseconds: warmAt))
            )
        }
        let above = answer.nextCheck.map { answer.wanted > 1 ? $0 : goneAt } ?? goneAt
        return PolicyAnswer(
            wanted: Swift.max(1, preWarm == 0 ? answer.wanted : 1),
            reason: answer.reason,
            quiet: 0...0,
            nextCheck: Swift.min(goneAt, above),
            planned: PlannedChange(wanted: 0, at: Instant(nanoseconds: goneAt))
        )
    }

    private mutating func learn(_ idle: Int64) {
        let bin = Int(idle / Self.minute)
        if bin >= Self.bins {
            beyond += 1
        } else {
            squares += 2 * Int(counts[bin]) + 1
            counts[bin] += 1
            counted += 1
        }
        choose()
    }

    private mutating func choose() {
        preWarm = 0
        keepAlive = Int64(Self.bins) * Self.minute
        guard counted > 0, beyond <= counted else { return }
        let mean = Double(counted) / Double(Self.bins)
        let variance = Double(squares) / Double(Self.bins) - mean * mean
        guard variance.squareRoot() / mean >= 2 else { return }
        // The head is rounded down to a whole bin, the tail up.
        let head = Int64(percentileBin(0.05)) * Self.minute
        let tail = Int64(percentileBin(0.99) + 1) * Self.minute
        preWarm = head - head / 10
        keepAlive = tail + tail / 10 - preWarm
    }

    private func percentileBin(_ fraction: Double) -> Int {
        let rank = Swift.max(1, Int((fraction * Double(counted)).rounded(.up)))
        var seen = 0
        for bin in counts.indices {
            seen += Int(counts[bin])
            if seen >= rank { return bin }
        }
        return Self.bins - 1
    }
}

// MARK: Saved state

extension HybridPolicy {
    private static let format: UInt8 = 1
    /// More uses than any pool has, and few enough that no sum overflows.
    private static let mostCounted: Int32 = 1 << 24

    func encodeLearned(at now: Int64, clockOffset: Int64) -> [UInt8] {
        guard let idleSince = used ? now : idleSince else { return [] }
        var bytes: [UInt8] = [Self.format]
        bytes.append(integer: idleSince &+ clockOffset)
        bytes.append(integer: Int32(clamping: beyond))
        for count in counts { bytes.append(integer: Swift.min(count, Self.mostCounted)) }
        return bytes
    }

    mutating func restoreLearned(_ bytes: ArraySlice<UInt8>, at now: Int64, clockOffset: Int64) -> Bool {
        if bytes.isEmpty { return true }
        var reader = ByteReader(bytes)
        guard reader.integer(UInt8.self) == Self.format, let since = reader.integer(Int64.self), since >= 0,
            let beyond = reader.integer(Int32.self), beyond >= 0
        else { return false }
        var restored: [Int32] = []
        for _ in 0..<Self.bins {
            guard let count = reader.integer(Int32.self), (0...Self.mostCounted).contains(count) else { return false }
            restored.append(count)
        }
        guard reader.isAtEnd else { return false }
        counts = restored
        counted = restored.reduce(0) { $0 + Int($1) }
        squares = restored.reduce(0) { $0 + Int($1) * Int($1) }
        self.beyond = Int(beyond)
        // A clock that went back, as one without wall time does at a restart, begins to be idle now.
        idleSince = Swift.min(since &- clockOffset, now)
        used = false
        choose()
        return true
    }
}
