import JSON

/// What became of what was deployed.
enum OutcomeReport {
    /// Shows it.
    ///
    /// - Throws: `CommandFailure` where anything was undone or has failed: 4 when its time was over, else 1.
    static func show(_ outcomes: [ClusterDelivery.Outcome], format: OutputFormat, timeout: String) throws {
        let wrong = outcomes.filter { $0.state == .undone || $0.state == .failed }
        let results = JSONValue.array(outcomes.map(\.json))
        if format == .table {
            var table = Table("NAME", "STATE", "REVISION", "IMAGE")
            for outcome in outcomes {
                table.add(
                    outcome.name,
                    outcome.state.rawValue,
                    outcome.revision.map(String.init) ?? "-",
                    outcome.image ?? "-"
                )
            }
            Terminal.write(table.text)
        }
        guard let first = wrong.first else {
            if format == .json { Terminal.write(json: ["results": results]) }
            return
        }
        let names = wrong.map(\.name).joined(separator: ", ")
        let undone = wrong.contains { $0.state == .undone } ? " and was undone" : ""
        let isLate = wrong.allSatisfy(\.isLate)
        let what = isLate ? "was not done within \(timeout)" : "failed"
        throw CommandFailure(
            isLate ? .deadlinePassed : .functionFailed,
            code: isLate ? "rollout-late" : "rollout-failed",
            "the rollout of \(names) \(what)\(undone): \(first.reason ?? "no reason is known")",
            fix: "'shopfn logs \(first.name)' and 'kubectl describe pod' show more; mend it and deploy again",
            details: JSONObject([("results", results)])
        )
    }
}
