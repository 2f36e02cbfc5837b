import Scaling
import Time

/// The result for people.
enum SimulationTable {
    static func text(_ plan: SimulationPlan, _ results: [PolicyResult]) -> String {
        var table = Table(
            "POLICY",
            "COLD",
            "COLD %",
            "% BY FUNCTION",
            "WAIT MEAN",
            "P99",
            "P99.9",
            "FAILED",
            "WORKER-S",
            "IDLE",
            "STARTS",
            "COST"
        )
        // Small traffic costs cents and less.
        let costs = results.map { $0.costEstimate(pricePerGigabyteHour: plan.price) }
        let costPlaces = costs.contains { $0 >= 1 } ? 2 : 5
        for (result, cost) in zip(results, costs) {
            let outcome = result.outcome
            table.add(
                result.policy,
                grouped(outcome.cold),
                decimal(result.coldPercent, 3),
                decimal(result.coldPercentOverFunctions, 2),
                wait(outcome.waits.mean),
                wait(outcome.waits.quantile(0.99)),
                wait(outcome.waits.quantile(0.999)),
                grouped(outcome.failed),
                grouped(Int(outcome.workerSeconds.rounded())),
                grouped(Int(outcome.idleWorkerSeconds.rounded())),
                grouped(outcome.starts),
                decimal(cost, costPlaces)
            )
        }
        return heading(plan, results) + "\n" + table.text + "\n" + SimulationAdvice(plan, results).text + "\n"
    }

    /// What was replayed and how, in one sentence.
    static func heading(_ plan: SimulationPlan, _ results: [PolicyResult]) -> String {
        let requests = results.first?.outcome.requests ?? 0
        let placed =
            plan.parameters.placement == .poisson
            ? "placed at random in their minutes (seed \(plan.parameters.seed))" : "spread evenly over their minutes"
        return """
            \(plan.set): \(grouped(requests)) requests to \(grouped(plan.traces.count)) functions in \
            \(grouped(plan.minutes.count)) minutes, \(placed); \
            \(plan.parameters.concurrency) at a time a worker, \(readable(plan.parameters.start)) to start one.

            """
    }

    private static func wait(_ nanoseconds: Double) -> String {
        nanoseconds < 10e6 ? decimal(nanoseconds / 1e6, 1) + "ms" : readable(.nanoseconds(Int64(nanoseconds)))
    }

    /// A whole number with its thousands apart.
    static func grouped(_ number: Int) -> String {
        let digits = String(number.magnitude)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return (number < 0 ? "-" : "") + text
    }

    /// A number with so many decimals.
    static func decimal(_ value: Double, _ places: Int) -> String {
        var scale = 1
        for _ in 0..<places { scale *= 10 }
        guard (value * Double(scale)).magnitude < 1e18 else { return "\(value)" }
        let whole = Int((value * Double(scale)).rounded())
        let (units, rest) = whole.magnitude.quotientAndRemainder(dividingBy: UInt(scale))
        let sign = whole < 0 ? "-" : ""
        if places == 0 { return sign + grouped(Int(units)) }
        let digits = String(rest)
        return sign + grouped(Int(units)) + "." + String(repeating: "0", count: places - digits.count) + digits
    }
}
