/// How many workers one replica of a scaler finds a pool needs, or several together do.
///
/// Replicas that answer the same question without a leader tell the gateways what each finds by itself, and hear from
/// them what the others find. What was heard is never told again as one's own, so a claim ends with whoever made it.
package struct PoolClaim: Hashable, Sendable {
    /// The function's name.
    package var function: String
    /// What the demand in sight calls for.
    package var wanted: Int
    /// What is kept beyond that because too little was seen to let it go; `nil` once enough was.
    package var kept: Int?

    package init(function: String, wanted: Int, kept: Int?) {
        self.function = function
        self.wanted = wanted
        self.kept = kept
    }

    /// What both find together: the most that either calls for, and where one of them has seen enough, no more than
    /// that is kept.
    package func joined(with other: PoolClaim) -> PoolClaim {
        var both = self
        both.wanted = max(wanted, other.wanted)
        if let mine = kept, let theirs = other.kept { both.kept = max(mine, theirs) } else { both.kept = nil }
        return both
    }

    /// What several find together of one pool; `nil` where nobody claims it.
    package static func joined(_ claims: some Sequence<PoolClaim>) -> PoolClaim? {
        claims.reduce(nil) { sum, one in sum?.joined(with: one) ?? one }
    }

    private static let keeps: UInt8 = 1

    init(_ reader: inout PayloadReader) throws(ProtocolViolation) {
        let keeps = try reader.flags(known: Self.keeps) != 0
        wanted = Int(try reader.uint32())
        kept = keeps ? Int(try reader.uint32()) : nil
        function = try reader.text()
    }

    func append(as type: UInt8, to buffer: inout [UInt8]) throws(ProtocolViolation) {
        let writer = PayloadWriter(type, id: 0, to: &buffer)
        writer.byte(kept == nil ? 0 : Self.keeps, to: &buffer)
        writer.integer(UInt32(clamping: wanted), to: &buffer)
        if let kept { writer.integer(UInt32(clamping: kept), to: &buffer) }
        writer.text(function, to: &buffer)
        try writer.finish(&buffer)
    }
}
