import JSON
import Scaling
import Time

/// The result for programs.
enum SimulationDocument {
    /// The figures of one policy, in the order of the contract.
    static func figures(_ plan: SimulationPlan, _ result: PolicyResult) -> [(name: String, value: JSONValue)] {
        let outcome = result.outcome
        func milliseconds(_ nanoseconds: Double) -> JSONValue { .double(rounded(nanoseconds / 1e6, 1000)) }
        return [
            ("requests", .int(outcome.requests)),
            ("cold", .int(outcome.cold)),
            ("coldPercent", .double(rounded(result.coldPercent, 100_000))),
            ("coldPercentOverFunctions", .double(rounded(result.coldPercentOverFunctions, 100_000))),
            ("waitMeanMs", milliseconds(outcome.waits.mean)),
            ("waitP50Ms", milliseconds(outcome.waits.quantile(0.5))),
            ("waitP99Ms", milliseconds(outcome.waits.quantile(0.99))),
            ("waitP999Ms", milliseconds(outcome.waits.quantile(0.999))),
            ("failed", .int(outcome.failed)),
            ("workerSeconds", .double(rounded(outcome.workerSeconds, 1000))),
            ("idleWorkerSeconds", .double(rounded(outcome.idleWorkerSeconds, 1000))),
            ("starts", .int(outcome.starts)),
            ("costEstimate", .double(rounded(result.costEstimate(pricePerGigabyteHour: plan.price), 10_000))),
        ]
    }

    static func json(_ plan: SimulationPlan, _ results: [PolicyResult]) -> JSONValue {
        let parameters = plan.parameters
        let policies = results.map { result in
            JSONValue.object(JSONObject([("policy", .string(result.policy))] + figures(plan, result).map { ($0, $1) }))
        }
        return .object(
            JSONObject([
                ("set", .string(plan.set)),
                (
                    "parameters",
                    .object(
                        JSONObject([
                            ("functions", .int(plan.traces.count)),
                            ("minutes", .int(plan.minutes.count)),
                            ("concurrency", .int(parameters.concurrency)),
                            ("startSeconds", .double(parameters.start.inSeconds)),
                            ("seed", seed(parameters.seed)),
                            ("placement", .string(parameters.placement.rawValue)),
                            ("priceGbHour", .double(plan.price)),
                            ("memoryMbWhereUnknown", .double(PolicyResult.memoryWhereUnknown)),
                            ("coldFromMs", .int(100)),
                            ("giveUpSeconds", .int(60)),
                        ])
                    )
                ),
                ("policies", .array(policies)),
            ])
        )
    }

    /// A number where JSON's readers keep it exact.
    private static func seed(_ seed: UInt64) -> JSONValue {
        seed <= 1 << 53 ? .int(Int(seed)) : .string(String(seed))
    }

    /// A header and a line for each policy (RFC 4180).
    static func csv(_ plan: SimulationPlan, _ results: [PolicyResult]) -> String {
        var text = ""
        for result in results {
            let figures = figures(plan, result)
            if text.isEmpty { text = "policy," + figures.map(\.name).joined(separator: ",") + "\r\n" }
            let values = figures.map { figure -> String in
                switch figure.value {
                case .int(let number): String(number)
                case .double(let number): String(number)
                default: ""
                }
            }
            text += "\(quoted(result.policy)),\(values.joined(separator: ","))\r\n"
        }
        return text
    }

    private static func quoted(_ text: String) -> String {
        guard text.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return text }
        return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }

    private static func rounded(_ value: Double, _ parts: Double) -> Double { (value * parts).rounded() / parts }
}
