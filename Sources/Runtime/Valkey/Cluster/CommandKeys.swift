/// Where a command's keys stand among its words; the name is word 0.
enum KeyPlace: Sendable {
    /// It has none, and any node may execute it.
    case nowhere
    /// It has none and sees one node's part only, which is not what is meant.
    case everyNode
    /// From one word to another, every so many; a last below zero counts from the end.
    case words(first: Int, last: Int, step: Int)
    /// A word holds their number, and they follow; a word before that may be one more.
    case counted(at: Int, also: Int?)
    /// The first half of the words after `STREAMS`.
    case streams

    /// The place for a command's name, in upper case.
    ///
    /// A command that is not listed has its key first, as nearly all have.
    static func of(_ name: String) -> KeyPlace { listed[name] ?? .words(first: 1, last: 1, step: 1) }

    private static let listed: [String: KeyPlace] = {
        var places: [String: KeyPlace] = [:]
        func list(_ names: String, _ place: KeyPlace) {
            for name in names.split(separator: " ") { places[String(name)] = place }
        }
        list(
            "ACL BGREWRITEAOF BGSAVE CLIENT CLUSTER COMMAND COMMANDLOG CONFIG DEBUG ECHO INFO LASTSAVE LATENCY LOLWUT "
                + "MODULE PING PUBLISH PUBSUB ROLE SAVE SHUTDOWN SLOWLOG TIME",
            .nowhere
        )
        list("DBSIZE FLUSHALL FLUSHDB FUNCTION KEYS RANDOMKEY SCAN SCRIPT WAIT WAITAOF", .everyNode)
        list(
            "DEL EXISTS MGET PFCOUNT PFMERGE SDIFF SDIFFSTORE SINTER SINTERSTORE SUNION SUNIONSTORE TOUCH UNLINK",
            .words(first: 1, last: -1, step: 1)
        )
        list("BLPOP BRPOP BZPOPMAX BZPOPMIN", .words(first: 1, last: -2, step: 1))
        list("MSET MSETNX", .words(first: 1, last: -1, step: 2))
        list(
            "BLMOVE BRPOPLPUSH COPY GEOSEARCHSTORE LCS LMOVE RENAME RENAMENX RPOPLPUSH SMOVE ZRANGESTORE",
            .words(first: 1, last: 2, step: 1)
        )
        list("MEMORY OBJECT XGROUP XINFO", .words(first: 2, last: 2, step: 1))
        list("BITOP", .words(first: 2, last: -1, step: 1))
        list("EVAL EVALSHA EVALSHA_RO EVAL_RO FCALL FCALL_RO BLMPOP BZMPOP", .counted(at: 2, also: nil))
        list("LMPOP SINTERCARD ZDIFF ZINTER ZINTERCARD ZMPOP ZUNION", .counted(at: 1, also: nil))
        list("ZDIFFSTORE ZINTERSTORE ZUNIONSTORE", .counted(at: 2, also: 1))
        list("XREAD XREADGROUP", .streams)
        return places
    }()

    /// The numbers of the words that are keys, of a command with so many words.
    func keys(of words: WireWords) -> [Int] {
        switch self {
        case .nowhere, .everyNode: return []
        case .words(let first, let last, let step):
            let last = last < 0 ? words.count + last : last
            return Array(stride(from: first, through: min(last, words.count - 1), by: step))
        case .counted(let place, let also):
            guard place < words.count, let number = Int(words.text(place)), number >= 0 else { return [] }
            let counted = (place + 1)..<(place + 1 + min(number, words.count - place - 1))
            return (also.map { [$0] } ?? []) + counted
        case .streams:
            guard let word = (1..<words.count).first(where: { words.text($0).uppercased() == "STREAMS" }) else {
                return []
            }
            return Array((word + 1)..<(word + 1 + (words.count - word - 1) / 2))
        }
    }
}

extension ValkeyCommand {
    /// The numbers of the words that are keys; the command's name is word 0.
    package var keyWords: [Int] {
        let words = WireWords(wire)
        return KeyPlace.of(words.text(0).uppercased()).keys(of: words)
    }

    /// The one slot that all keys are in; `nil` for a command that any node may execute.
    ///
    /// - Throws: ``ValkeyError/invalidCommand(_:)`` for keys of several slots, and for a command that would see only
    ///   one node's part of the keys.
    package func hashSlot() throws(ValkeyError) -> HashSlot? {
        let words = WireWords(wire)
        let name = words.text(0).uppercased()
        let place = KeyPlace.of(name)
        if case .everyNode = place {
            throw .invalidCommand("\(name) acts on one node of a cluster only; use onEveryNode(_:) or forEachKey")
        }
        var common: HashSlot?
        for key in place.keys(of: words) {
            let slot = words.slot(key)
            if let common, common != slot {
                throw .invalidCommand(
                    "\(name) has keys of several hash slots, which a cluster executes never together; "
                        + "send a command for each, or give their names a common {tag}"
                )
            }
            common = slot
        }
        return common
    }
}

extension [ValkeyCommand] {
    /// The one slot that all keys of all commands are in.
    ///
    /// - Throws: as ``ValkeyCommand/hashSlot()`` does.
    func commonSlot() throws(ValkeyError) -> HashSlot? {
        var common: HashSlot?
        for command in self {
            guard let slot = try command.hashSlot() else { continue }
            if let common, common != slot {
                throw .invalidCommand(
                    "a transaction has keys of several hash slots, which a cluster executes never together; "
                        + "give their names a common {tag}"
                )
            }
            common = slot
        }
        return common
    }
}
