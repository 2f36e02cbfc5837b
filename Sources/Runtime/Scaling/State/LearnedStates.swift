/// What the scaler has learned of all pools, as the bytes of one file.
///
/// The first line names the format. Then each pool has a line with its name and the count of its bytes, those bytes as
/// ``PoolScaler/savedState(now:)`` gave them, and a line break. A pool's bytes check themselves when a scaler takes them
/// up, so a damaged one costs no other; where the file itself cannot be read on, what stands before is kept.
package struct LearnedStates: Hashable, Sendable {
    /// The bytes of a pool's scaler, by function; each at most 8 KiB.
    package var pools: [String: [UInt8]]

    /// Pools beyond this many are not saved: first those that are left out are the last by name.
    package static let mostPools = 4_096
    /// No file of this format is longer.
    package static let mostBytes = mostPools * (SavedState.limit + 128)
    private static let head = Array("shopfn learned state 1\n".utf8)
    private static let lineBreak = UInt8(ascii: "\n")

    package init(pools: [String: [UInt8]] = [:]) {
        self.pools = pools
    }

    /// The file's bytes.
    package var encoded: [UInt8] {
        var bytes = Self.head
        for (name, state) in pools.sorted(by: { $0.key < $1.key }).prefix(Self.mostPools)
        where !state.isEmpty && state.count <= SavedState.limit {
            bytes += Array("\(name) \(state.count)\n".utf8)
            bytes += state
            bytes.append(Self.lineBreak)
        }
        return bytes
    }

    /// Reads what ``encoded`` gave; never fails, but says what it had to leave out.
    ///
    /// - Returns: The states, and what is wrong with the file; `nil` where nothing is.
    package static func decode(_ bytes: [UInt8]) -> (states: LearnedStates, problem: String?) {
        var states = LearnedStates()
        guard bytes.starts(with: head) else { return (states, "it is not a file of learned states of this format") }
        var rest = bytes.dropFirst(head.count)
        while !rest.isEmpty {
            guard let end = rest.prefix(300).firstIndex(of: lineBreak) else { return (states, cutOff(states)) }
            let words = String(decoding: rest[..<end], as: UTF8.self).split(separator: " ")
            rest = rest[(end + 1)...]
            guard words.count == 2, let count = Int(words[1]), (1...SavedState.limit).contains(count),
                rest.count > count, rest[rest.startIndex + count] == lineBreak
            else { return (states, cutOff(states)) }
            states.pools[String(words[0])] = Array(rest.prefix(count))
            rest = rest.dropFirst(count + 1)
        }
        return (states, nil)
    }

    private static func cutOff(_ states: LearnedStates) -> String {
        "it is cut off or damaged behind the first \(states.pools.count) pools"
    }
}
