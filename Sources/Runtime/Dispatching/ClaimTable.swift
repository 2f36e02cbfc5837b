package import WorkerProtocol

/// What each replica of a scaler finds of the pools, and who has to hear of it; pure.
///
/// Each hears of a pool it claims what all the others find together, never its own.
package struct ClaimTable<Peer: Hashable & Sendable>: Sendable {
    /// What a replica has to be told.
    package struct Word: Hashable, Sendable {
        package var peer: Peer
        package var function: String
        /// What the others find together; `nil` where none claims the pool any more.
        package var others: PoolClaim?

        package init(peer: Peer, function: String, others: PoolClaim?) {
            self.peer = peer
            self.function = function
            self.others = others
        }
    }

    private struct Entry: Sendable {
        var claim: PoolClaim
        /// What its replica was last told of the others.
        var told: PoolClaim?
    }

    private var functions: [String: [Peer: Entry]] = [:]

    package init() {}

    /// A replica finds something of a pool.
    package mutating func claim(_ claim: PoolClaim, by peer: Peer) -> [Word] {
        let told = functions[claim.function]?[peer]?.told
        functions[claim.function, default: [:]][peer] = Entry(claim: claim, told: told)
        return settle(claim.function)
    }

    /// A replica says no more of a function.
    package mutating func withdraw(_ function: String, by peer: Peer) -> [Word] {
        guard functions[function]?.removeValue(forKey: peer) != nil else { return [] }
        return settle(function)
    }

    /// A replica is gone, and all it claimed with it.
    package mutating func leave(_ peer: Peer) -> [Word] {
        functions.filter { $0.value[peer] != nil }.keys.flatMap { withdraw($0, by: peer) }
    }

    private mutating func settle(_ function: String) -> [Word] {
        guard let entries = functions[function], !entries.isEmpty else {
            functions[function] = nil
            return []
        }
        var words: [Word] = []
        for (peer, entry) in entries {
            let others = PoolClaim.joined(entries.lazy.filter { $0.key != peer }.map(\.value.claim))
            guard others != entry.told else { continue }
            functions[function]?[peer]?.told = others
            words.append(Word(peer: peer, function: function, others: others))
        }
        return words
    }
}
