/// The forms that names in a manifest must have.
package enum Naming {
    /// Whether a text is a function's, module's or service's name: `[a-z][a-z0-9-]{0,62}`, a DNS label.
    package static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first) else { return false }
        return text.utf8.count <= 63 && !text.hasSuffix("-") && text.utf8.allSatisfy(isNameByte)
    }

    static let nameFix = "use up to 63 lower-case letters, digits and hyphens, a letter first and no hyphen last"

    /// Whether a text is a Swift type's name in ASCII.
    static func isTypeName(_ text: String) -> Bool {
        Interpolation.isName(text) && text.utf8.count <= 128
    }

    /// What a name would be with its case and separators mended, or nothing when little would be left of it.
    static func mended(_ text: String) -> String? {
        var result = ""
        var previous: Character?
        for character in text {
            if character.isASCII, character.isLetter || character.isNumber {
                let startsWord = character.isUppercase && previous.map { $0.isLowercase || $0.isNumber } == true
                if startsWord { result += "-" }
                result += character.lowercased()
            } else if character == "_" || character == " " || character == "." || character == "-" {
                result += "-"
            } else {
                return nil
            }
            previous = character
        }
        return isName(result) ? result : nil
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
        default: false
        }
    }
}
