import Time

/// KEDA with the horizontal pod autoscaler behind it: demand is sampled, never counted.
///
/// KEDA looks every `polling` whether anything is in flight: from zero it starts one worker, and it goes back to zero
/// when no look within `cooldown` has seen anything. Between, the HPA samples every `sync` and wants
/// sample / target, rounded up, unless that lies within the tolerance; up by at most 4 workers or to twice as many a
/// sync, down to the highest recommendation within the stabilization window. Constants are the defaults of both.
struct KedaPolicy: ScalingPolicy {
    struct Settings: Hashable, Sendable {
        /// Invocations in flight a worker should have; `nil` is the worker's concurrency.
        var target: Double?
        var polling: Int64 = 30_000_000_000
        var cooldown: Int64 = 300_000_000_000
        var sync: Int64 = 15_000_000_000
        var tolerance = 0.1
        var push = true
        var stabilization: Int64 = 300_000_000_000

        init(_ chosen: KedaSettings = KedaSettings()) {
            target = chosen.target
            polling = chosen.polling.wholeNanoseconds
            cooldown = chosen.cooldown.wholeNanoseconds
        }
    }

    private let settings: Settings
    private var lastActive: Int64 = 0
    private var nextPoll: Int64 = 0
    private var nextSync: Int64 = 0
    private var recommendations: [(at: Int64, wanted: Int)] = []

    init(_ settings: Settings) { self.settings = settings }

    mutating func decide(_ question: PolicyQuestion, _ meter: DemandMeter) -> PolicyAnswer {
        let now = question.now
        if question.wanted == 0 { return wake(question) }
        if question.cause == .began {
            // A pool that begins with its minimum.
            lastActive = now
            schedule(after: now)
        }
        var wanted = Swift.max(question.wanted, question.min)
        var reason = ScaleReason.steady(inFlight: question.view.inFlight)
        if now >= nextPoll {
            if question.view.inFlight > 0 { lastActive = now }
            if now - lastActive > settings.cooldown, question.min == 0 {
                recommendations.removeAll(keepingCapacity: true)
                return PolicyAnswer(
                    wanted: 0,
                    reason: .idle(level: 1, after: .nanoseconds(settings.cooldown)),
                    quiet: 0...0
                )
            }
        }
        if now >= nextSync {
            if question.view.inFlight > 0 { lastActive = now }
            let previous = wanted
            wanted = synchronize(question, wanted, now)
            if wanted != previous {
                reason = .sample(inFlight: question.view.inFlight, target: target(question))
            }
        }
        schedule(after: now)
        return PolicyAnswer(
            wanted: wanted,
            reason: reason,
            quiet: 0...Int.max,
            nextCheck: Swift.min(nextPoll, nextSync)
        )
    }

    /// At zero only the next look notices that somebody waits.
    private mutating func wake(_ question: PolicyQuestion) -> PolicyAnswer {
        let now = question.now
        guard question.view.inFlight > 0 else {
            return PolicyAnswer(wanted: 0, reason: .steady(inFlight: 0), quiet: 0...0)
        }
        let look = settings.push || now % settings.polling == 0 && question.cause == .timer
        guard look else {
            return PolicyAnswer(
                wanted: 0,
                reason: .steady(inFlight: question.view.inFlight),
                quiet: 0...Int.max,
                nextCheck: (now / settings.polling + 1) * settings.polling
            )
        }
        lastActive = now
        schedule(after: now)
        return PolicyAnswer(
            wanted: 1,
            reason: .demand(inFlight: question.view.inFlight, concurrency: question.concurrency, headroom: 0),
            quiet: 0...Int.max,
            nextCheck: Swift.min(nextPoll, nextSync)
        )
    }

    private mutating func schedule(after now: Int64) {
        nextPoll = (now / settings.polling + 1) * settings.polling
        let phase = settings.sync / 2
        nextSync = ((now + phase) / settings.sync + 1) * settings.sync - phase
    }

    private func target(_ question: PolicyQuestion) -> Double { settings.target ?? Double(question.concurrency) }

    private mutating func synchronize(_ question: PolicyQuestion, _ current: Int, _ now: Int64) -> Int {
        let usage = Double(question.view.inFlight)
        let target = target(question)
        let ratio = usage / (target * Double(current))
        var recommended = current
        if Swift.abs(ratio - 1) > settings.tolerance { recommended = Int((usage / target).rounded(.up)) }
        recommended = Swift.max(Swift.max(1, question.min), recommended)
        recommendations.removeAll { $0.at <= now - settings.stabilization }
        recommendations.append((now, recommended))
        var wanted = recommended
        for earlier in recommendations { wanted = Swift.max(wanted, earlier.wanted) }
        // Stabilization holds workers, it never adds any.
        wanted = recommended >= current ? recommended : Swift.min(wanted, current)
        return Swift.min(wanted, Swift.max(current + 4, current * 2))
    }
}
