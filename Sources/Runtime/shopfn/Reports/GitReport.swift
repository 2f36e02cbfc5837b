import JSON

/// What was changed in Git, or would be.
enum GitReport {
    /// Writes changes unless they are only to be shown, and tells of them.
    static func finish(
        _ delivery: GitDelivery,
        _ changes: [GitDelivery.Change],
        subject: String,
        isDryRun: Bool,
        commits: Bool,
        format: OutputFormat
    ) throws {
        let commit = isDryRun ? nil : try delivery.write(changes, subject: subject, commits: commits)
        switch format {
        case .json:
            var object = JSONObject([
                ("dryRun", .bool(isDryRun)),
                ("changed", .array(changes.map { .string("\(delivery.tree)/\($0.path)") })),
            ])
            if let commit { object["commit"] = .string(commit) }
            Terminal.write(json: .object(object))
        case .table:
            if changes.isEmpty { Terminal.write("nothing to change\n") }
            for change in changes {
                let mark = change.before == nil ? "+" : change.after == nil ? "-" : "~"
                Terminal.write("\(mark) \(delivery.tree)/\(change.path)\n")
                guard isDryRun, let before = change.before.map(lines), let after = change.after.map(lines) else {
                    continue
                }
                Terminal.write(before.filter { !after.contains($0) }.map { "  - \($0)\n" }.joined())
                Terminal.write(after.filter { !before.contains($0) }.map { "  + \($0)\n" }.joined())
            }
            if let commit { Terminal.write("committed \(commit.prefix(12)); push it, and Argo CD delivers it\n") }
        }
    }

    private static func lines(_ text: String) -> [Substring] { text.split(separator: "\n") }
}
