/// Names of the IANA time zone database.
package enum TimeZoneName {
    /// Whether a text has the form of such a name: `UTC`, `Europe/Berlin`, `America/Argentina/Buenos_Aires`.
    ///
    /// Whether there is such a zone only the machine's database knows.
    package static func isWellFormed(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        return parts.count <= 3
            && parts.allSatisfy { part in
                guard let first = part.utf8.first, (65...90).contains(first) || (97...122).contains(first) else {
                    return false
                }
                return part.utf8.allSatisfy { byte in
                    (65...90).contains(byte) || (97...122).contains(byte) || (48...57).contains(byte)
                        || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+")
                }
            }
    }
}
