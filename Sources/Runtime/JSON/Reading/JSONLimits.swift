/// How much JSON is accepted before it is refused unread.
public struct JSONLimits: Hashable, Sendable {
    /// The largest text, in bytes.
    public var maxBytes: Int
    /// How deeply lists and objects may stand within each other; 1 is a list of plain values.
    public var maxDepth: Int

    /// The deepest nesting that may be asked for; reading is recursive and must fit a thread's stack.
    public static let deepest = 1_000

    /// Makes limits; a depth beyond ``deepest`` counts as that.
    public init(maxBytes: Int = 16 << 20, maxDepth: Int = 128) {
        self.maxBytes = maxBytes
        self.maxDepth = Swift.min(maxDepth, Self.deepest)
    }

    /// 16 MiB and 128 levels.
    public static let standard = JSONLimits()
}
