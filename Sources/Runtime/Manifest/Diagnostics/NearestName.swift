/// Finds the known name that somebody most likely meant.
package enum NearestName {
    /// The nearest of the known names, or nothing when none is near enough to be meant.
    ///
    /// Names that differ only in case, hyphens or underscores come first; then those within a third of the
    /// name's length in edits (insertion, removal, replacement, exchange of neighbours).
    package static func nearest(to name: String, among known: some Sequence<String>) -> String? {
        let folded = fold(name)
        let limit = max(1, min(name.count, 24) / 3)
        var best: (name: String, distance: Int)?
        for candidate in known {
            if fold(candidate) == folded { return candidate }
            guard abs(candidate.count - name.count) <= limit else { continue }
            let distance = distance(Array(name.utf8), Array(candidate.utf8))
            if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best?.name
    }

    private static func fold(_ name: String) -> String {
        name.lowercased().filter { $0 != "-" && $0 != "_" && $0 != " " }
    }

    /// The optimal string alignment distance.
    static func distance(_ first: [UInt8], _ second: [UInt8]) -> Int {
        var beforeLast = [Int](repeating: 0, count: second.count + 1)
        var last = Array(0...second.count)
        for i in 0..<first.count {
            var row = [i + 1]
            row.reserveCapacity(second.count + 1)
            for j in 0..<second.count {
                let replaced = last[j] + (first[i] == second[j] ? 0 : 1)
                var cost = min(last[j + 1] + 1, row[j] + 1, replaced)
                if i > 0, j > 0, first[i] == second[j - 1], first[i - 1] == second[j] {
                    cost = min(cost, beforeLast[j - 1] + 1)
                }
                row.append(cost)
            }
            beforeLast = last
            last = row
        }
        return last[second.count]
    }
}
