/// How JSON is laid out when written.
public struct JSONStyle: Hashable, Sendable {
    /// Spaces per level, each member on its own line; `nil` writes no white space at all.
    public var indentation: Int?
    /// Whether names are written in the order of their UTF-8 bytes instead of their own.
    public var sortsNames: Bool

    /// Makes a style.
    public init(indentation: Int? = nil, sortsNames: Bool = false) {
        self.indentation = indentation
        self.sortsNames = sortsNames
    }

    /// No white space, names in their own order.
    public static let compact = JSONStyle()
    /// No white space, names sorted: equal values give equal bytes.
    public static let canonical = JSONStyle(sortsNames: true)
    /// For people: two spaces per level.
    public static let pretty = JSONStyle(indentation: 2)
}
