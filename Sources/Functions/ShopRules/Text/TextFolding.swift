/// Makes texts comparable: lower case, without accents, so that `Crème` is found by `creme`.
package enum TextFolding {
    /// The folded text.
    package static func fold(_ text: some StringProtocol) -> String {
        var folded = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if scalar.isASCII {
                folded.append(lowercased(scalar))
                continue
            }
            // Accents that stand as scalars of their own.
            if (0x300...0x36F).contains(scalar.value) { continue }
            for lower in scalar.properties.lowercaseMapping.unicodeScalars {
                if (0x300...0x36F).contains(lower.value) { continue }
                if let plain = plainLetters[lower] {
                    folded.append(contentsOf: plain.unicodeScalars)
                } else {
                    folded.append(lower)
                }
            }
        }
        return String(folded)
    }

    /// The words of a text, folded: runs of letters and digits; an apostrophe within a word is left out.
    package static func words(_ text: some StringProtocol) -> [String] {
        var words: [String] = []
        var word = String.UnicodeScalarView()
        for scalar in fold(text).unicodeScalars {
            if scalar.properties.isAlphabetic || scalar.properties.numericType != nil {
                word.append(scalar)
            } else if scalar != "'" && scalar != "\u{2019}", !word.isEmpty {
                words.append(String(word))
                word = String.UnicodeScalarView()
            }
        }
        if !word.isEmpty { words.append(String(word)) }
        return words
    }

    private static func lowercased(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        ("A"..."Z").contains(scalar) ? Unicode.Scalar(UInt8(truncatingIfNeeded: scalar.value) | 0x20) : scalar
    }

    /// The plain letters of Latin letters with accents, and of ligatures.
    private static let plainLetters: [Unicode.Scalar: String] = {
        let families: [(plain: String, accented: String)] = [
            ("a", "àáâãäåāăąǎǻȁȃạảấầẩẫậắằẳẵặ"), ("c", "çćĉċč"), ("d", "ďđð"),
            ("e", "èéêëēĕėęěȅȇẹẻẽếềểễệ"), ("g", "ĝğġģǧ"), ("h", "ĥħ"), ("i", "ìíîïĩīĭįıǐỉị"),
            ("j", "ĵ"), ("k", "ķǩ"), ("l", "ĺļľŀł"), ("n", "ñńņňŉ"),
            ("o", "òóôõöøōŏőǒơọỏốồổỗộớờởỡợ"), ("r", "ŕŗř"), ("s", "śŝşšș"), ("t", "ţťŧț"),
            ("u", "ùúûüũūŭůűųǔưụủứừửữự"), ("w", "ŵẁẃẅ"), ("y", "ýÿŷỳỵỷỹ"), ("z", "źżž"),
            ("ae", "æǽ"), ("oe", "œ"), ("ss", "ß"), ("th", "þ"),
        ]
        var table: [Unicode.Scalar: String] = [:]
        for family in families {
            for scalar in family.accented.unicodeScalars { table[scalar] = family.plain }
        }
        return table
    }()
}
