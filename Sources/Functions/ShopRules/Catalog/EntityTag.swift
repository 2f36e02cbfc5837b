/// Entity tags and the conditions on them (RFC 9110, 8.8.3 and 13.1.2).
package enum EntityTag {
    /// Whether a value of `If-None-Match` names the tag, by weak comparison; `*` names every tag.
    package static func matches(_ condition: String, _ tag: String) -> Bool {
        let wanted = strong(Substring(tag))
        return condition.split(separator: ",").contains { part in
            let part = part.drop { $0 == " " || $0 == "\t" }
            let trimmed = part.lastIndex { $0 != " " && $0 != "\t" }.map { part[...$0] } ?? part
            return trimmed == "*" || strong(trimmed) == wanted
        }
    }

    private static func strong(_ tag: Substring) -> Substring {
        tag.hasPrefix("W/") ? tag.dropFirst(2) : tag
    }
}
