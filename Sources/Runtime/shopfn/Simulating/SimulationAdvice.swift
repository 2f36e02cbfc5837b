import Scaling

/// What a result means, in plain words.
struct SimulationAdvice {
    /// The policy that costs least where a waiting request is worth what `balanced` takes it to be worth.
    let recommended: PolicyResult?
    let sentences: [String]

    var text: String { sentences.joined(separator: " ") }

    init(_ plan: SimulationPlan, _ results: [PolicyResult]) {
        let ends = [SimulatedPolicy.oracle.name, SimulatedPolicy.alwaysOn.name]
        let choices = results.filter { !ends.contains($0.policy) }
        let price = WaitCost.balanced.workerSeconds
        func total(_ result: PolicyResult) -> Double {
            result.outcome.workerSeconds + price * Double(result.outcome.cold)
        }
        recommended = choices.min { total($0) < total($1) }
        guard let best = recommended, best.outcome.requests > 0 else {
            sentences = ["Nobody called within these minutes, so there is nothing to choose by."]
            return
        }
        func costs(_ result: PolicyResult) -> String {
            "\(Self.hoursADay(plan, result)) worker-hours a day for "
                + "\(Self.percent(result.coldPercent)) cold requests"
        }
        var sentences = [
            "`\(best.policy)` costs \(costs(best)): the best of these where sparing a wait is worth "
                + "\(Int(price)) worker-seconds."
        ]
        func isBeyond(_ result: PolicyResult, _ other: PolicyResult, by share: Double) -> Bool {
            result.outcome.workerSeconds < other.outcome.workerSeconds * share
        }
        let cheaper = choices.filter { isBeyond($0, best, by: 0.95) }.min { total($0) < total($1) }
        if let cheaper { sentences.append("Cheaper: `\(cheaper.policy)`, \(costs(cheaper)).") }
        let calmer = choices.filter { Double($0.outcome.cold) < 0.9 * Double(best.outcome.cold) }
            .min { total($0) < total($1) }
        if let calmer { sentences.append("Fewer waits: `\(calmer.policy)`, \(costs(calmer)).") }
        if let always = results.first(where: { $0.policy == SimulatedPolicy.alwaysOn.name }) {
            sentences.append("Always-on costs \(Self.hoursADay(plan, always)) for \(Self.percent(always.coldPercent)).")
        }
        if let oracle = results.first(where: { $0.policy == SimulatedPolicy.oracle.name }) {
            sentences.append("Whoever knew the future would need \(Self.hoursADay(plan, oracle)).")
        }
        self.sentences = sentences
    }

    /// Worker-hours for each day of the trace.
    static func workerHoursADay(_ plan: SimulationPlan, _ result: PolicyResult) -> Double {
        result.outcome.workerSeconds / 3600 / (Double(Swift.max(1, plan.minutes.count)) / 1440)
    }

    private static func hoursADay(_ plan: SimulationPlan, _ result: PolicyResult) -> String {
        let hours = workerHoursADay(plan, result)
        return SimulationTable.decimal(hours, hours < 100 ? (hours < 1 ? 2 : 1) : 0)
    }

    static func percent(_ value: Double) -> String {
        if value > 0, value < 0.001 { return "under 0.001 %" }
        return SimulationTable.decimal(value, value < 0.1 ? 3 : value < 10 ? 2 : 1) + " %"
    }
}
