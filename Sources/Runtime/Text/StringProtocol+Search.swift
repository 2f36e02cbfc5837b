/// Searching without the standard library's engine for regular expressions, which `contains(_:)` and its like bring into
/// an executable: 1.5 MB.
extension StringProtocol {
    /// Whether a text stands anywhere in this one, byte for byte.
    package func includes(_ text: String) -> Bool {
        end(ofFirst: text) != nil
    }

    /// Where a text's first occurrence ends; `nil` where it does not stand in this one, byte for byte.
    package func end(ofFirst text: String) -> Index? {
        let wanted = text.utf8
        guard let first = wanted.first else { return startIndex }
        var rest = utf8[...]
        while let start = rest.firstIndex(of: first) {
            rest = rest[start...]
            if rest.starts(with: wanted) { return rest.index(start, offsetBy: wanted.count) }
            rest.removeFirst()
        }
        return nil
    }
}
