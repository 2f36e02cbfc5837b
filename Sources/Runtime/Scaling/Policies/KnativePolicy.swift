import Time

/// Knative's pod autoscaler: averages over a stable and a panic window, decided at every tick.
///
/// Modelled after `pkg/autoscaler/scaling/autoscaler.go` of knative/serving: the average of the metric over a window,
/// or over the time since the first observation where that is shorter; wanted = average / (target × utilization),
/// rounded up; at most halved per tick; panic once the panic window asks for twice the ready workers, and no way down
/// until a stable window has passed without; zero when nothing was in flight for a stable window. A request that finds
/// no worker asks at once, as the activator does. Averages here are exact integrals rather than scraped samples.
struct KnativePolicy: ScalingPolicy {
    /// What the target counts.
    enum Metric: Hashable, Sendable {
        /// Invocations in flight.
        case concurrency
        /// Invocations arriving a second.
        case rate
    }

    struct Settings: Hashable, Sendable {
        var metric: Metric
        /// Of the metric, per worker; `nil` is the worker's concurrency.
        var target: Double?
        var utilization = 0.7
        var tick: Int64 = 2_000_000_000
        var stable: Int64 = 60_000_000_000
        var panic: Int64 = 6_000_000_000
        /// From an empty stable window to the last worker's going.
        var deactivation: Int64 = 12_000_000_000
        /// Panic starts when the panic window wants this many times the ready workers.
        var panicThreshold = 2.0

        init(metric: Metric, _ chosen: AverageSettings = AverageSettings()) {
            self.metric = metric
            target = chosen.target ?? (metric == .rate ? Self.defaultRate : nil)
            stable = chosen.stable.wholeNanoseconds
            panic = chosen.panic.wholeNanoseconds
        }

        /// `requests-per-second-target-default` of Knative's `config-autoscaler`.
        private static let defaultRate = 200.0
    }

    private struct Sample {
        var at: Int64
        var sum: Int64
    }

    private let settings: Settings
    /// The metric's sum at each tick of the last stable window; the oldest at ``first``.
    private var samples: [Sample] = []
    private var first = 0
    private var nextTick: Int64 = 0
    private var active = false
    /// Since which tick the stable window has been empty.
    private var emptySince: Int64?
    private var panicSince: Int64?
    private var panicWanted = 0

    init(_ settings: Settings) { self.settings = settings }

    mutating func decide(_ question: PolicyQuestion, _ meter: DemandMeter) -> PolicyAnswer {
        let now = question.now
        if !active {
            guard question.view.inFlight > 0 || question.min > 0 else {
                return PolicyAnswer(
                    wanted: question.cause == .began ? question.min : question.wanted,
                    reason: .steady(inFlight: 0),
                    quiet: 0...0
                )
            }
            active = true
            samples.removeAll(keepingCapacity: true)
            first = 0
            // Demand before now is not in this sum yet: the meter has counted up to now.
            samples.append(Sample(at: now, sum: sum(meter, now)))
            nextTick = now + settings.tick
            panicSince = nil
            panicWanted = 0
            emptySince = nil
            return answer(
                wanted: Swift.max(1, Swift.max(question.min, question.wanted)),
                .demand(inFlight: question.view.inFlight, concurrency: question.concurrency, headroom: 0),
                question
            )
        }
        if now < nextTick {
            // Only a pool without any worker is served between ticks.
            let wake = question.view.inFlight > 0 && question.wanted == 0
            return answer(
                wanted: wake ? 1 : question.wanted,
                wake
                    ? .demand(inFlight: question.view.inFlight, concurrency: question.concurrency, headroom: 0)
                    : .steady(inFlight: question.view.inFlight),
                question
            )
        }
        return tick(question, meter)
    }

    private mutating func tick(_ question: PolicyQuestion, _ meter: DemandMeter) -> PolicyAnswer {
        let now = question.now
        while nextTick <= now { nextTick += settings.tick }
        let total = sum(meter, now)
        let stable = average(since: now - settings.stable, total, now)
        let panic = average(since: now - settings.panic, total, now)
        samples.append(Sample(at: now, sum: total))
        while first + 1 < samples.count, samples[first + 1].at <= now - settings.stable { first += 1 }
        if first > 64 {
            samples.removeSubrange(..<first)
            first = 0
        }

        let target = (settings.target ?? Double(question.concurrency)) * settings.utilization
        let ready = Double(Swift.max(1, question.view.ready))
        let leastDown = (ready / 2).rounded(.down)
        let most = ready * 1000
        func clamp(_ value: Double) -> Int { Int(Swift.min(Swift.max(value, leastDown), most)) }
        let stableWanted = (stable / target).rounded(.up)
        let panicAsked = (panic / target).rounded(.up)

        let over = panicAsked / ready >= settings.panicThreshold
        if over {
            panicSince = now
        } else if let since = panicSince, since + settings.stable < now {
            panicSince = nil
            panicWanted = 0
        }
        var wanted = clamp(stableWanted)
        let panicking = panicSince != nil
        if panicking {
            panicWanted = Swift.max(panicWanted, Swift.max(wanted, clamp(panicAsked)))
            wanted = panicWanted
        }
        // While anything was in flight within the stable window, one worker stays.
        if stable > 0 || question.view.inFlight > 0 {
            emptySince = nil
            wanted = Swift.max(1, wanted)
        } else if wanted == 0 {
            let since = emptySince ?? now
            emptySince = since
            if now - since < settings.deactivation { wanted = 1 }
        }
        if wanted == 0, question.min == 0 {
            active = false
            return PolicyAnswer(
                wanted: 0,
                reason: .idle(level: 1, after: .nanoseconds(settings.stable)),
                quiet: 0...0
            )
        }
        let reason = ScaleReason.average(
            settings.metric == .rate ? .rate : .concurrency,
            value: panicking ? panic : stable,
            window: .nanoseconds(panicking ? settings.panic : settings.stable),
            target: target,
            panic: panicking
        )
        return answer(wanted: wanted, reason, question)
    }

    private func answer(wanted: Int, _ reason: ScaleReason, _ question: PolicyQuestion) -> PolicyAnswer {
        PolicyAnswer(
            wanted: wanted,
            reason: reason,
            quiet: wanted == 0 ? 0...0 : 0...Int.max,
            nextCheck: nextTick
        )
    }

    private func sum(_ meter: DemandMeter, _ now: Int64) -> Int64 {
        switch settings.metric {
        case .concurrency: meter.load(at: now)
        case .rate: meter.arrivals &* 1_000_000_000
        }
    }

    /// The metric's mean from `since` or the first sample, whichever is later, to now.
    private func average(since: Int64, _ total: Int64, _ now: Int64) -> Double {
        var index = first
        while index + 1 < samples.count, samples[index + 1].at <= since { index += 1 }
        let sample = samples[index]
        return now > sample.at ? Double(total &- sample.sum) / Double(now - sample.at) : 0
    }
}
