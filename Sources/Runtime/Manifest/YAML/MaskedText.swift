/// The text as the parser is shown it: with stand-ins for what the parser would not give to us whole.
///
/// - A `*` that may start an alias gets one, so that aliases arrive as scalars with the place they stand at, and
///   unfold here by sharing. The parser would copy and hash them, which a small hostile file makes endless.
/// - A key that stands twice in its mapping gets one, because the parser stops at the first such key.
///
/// A stand-in is one private-use character for one character, and none that the text itself has: lines and columns
/// stay as they are, and what was masked is found again by its position.
struct MaskedText {
    /// Beyond this many duplicate keys the parser's own message has to do.
    static let keyLimit = 64

    private var scalars: [Unicode.Scalar]
    private let lineStarts: [Int]
    private let aliasMark: Unicode.Scalar
    private var keyMarks: [Unicode.Scalar]
    private var originals: [SourcePosition: Unicode.Scalar] = [:]

    /// Nothing when the text uses so much of the private-use area that no stand-in is left.
    init?(_ text: String) {
        let scalars = Array(text.unicodeScalars)
        let privateUse = Unicode.Scalar(0xE000 as UInt32).map { $0..."\u{F8FF}" }
        guard let privateUse else { return nil }
        let present = Set(scalars.filter { privateUse.contains($0) })
        var unused =
            (0xE000...0xF8FF).lazy.compactMap { Unicode.Scalar($0 as UInt32) }
            .filter { !present.contains($0) }.prefix(Self.keyLimit + 1).reversed() as [Unicode.Scalar]
        guard let aliasMark = unused.popLast() else { return nil }
        self.aliasMark = aliasMark
        self.keyMarks = unused
        self.lineStarts = Self.lineStarts(of: scalars)
        self.scalars = scalars
        for index in scalars.indices.dropLast() where scalars[index] == "*" && Self.isName(scalars[index + 1]) {
            self.scalars[index] = aliasMark
        }
    }

    /// What the parser is to read.
    var string: String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    /// Masks the key at a position; false when it cannot be, as for a key with an anchor.
    mutating func maskKey(at position: SourcePosition) -> Bool {
        guard originals[position] == nil, position.line <= lineStarts.count else { return false }
        var index = lineStarts[position.line - 1] + position.column - 1
        guard scalars.indices.contains(index) else { return false }
        if scalars[index] == "\"" || scalars[index] == "'" {
            let quote = scalars[index]
            index += 1
            guard index < scalars.count, scalars[index] != quote, scalars[index] != "\\" else { return false }
        } else if "&*!|>?[{#%@`".unicodeScalars.contains(scalars[index]) {
            return false
        }
        guard let mark = keyMarks.popLast() else { return false }
        originals[position] = scalars[index]
        scalars[index] = mark
        return true
    }

    /// The key as it was written, from the key as the parser gives it.
    func key(_ parsed: String, at position: SourcePosition) -> String {
        guard let first = originals[position] else { return text(parsed) }
        var view = String.UnicodeScalarView()
        view.append(first)
        view.append(contentsOf: parsed.unicodeScalars.dropFirst())
        return text(String(view))
    }

    /// The text as it was written, from the text as the parser gives it.
    func text(_ parsed: String) -> String {
        guard parsed.unicodeScalars.contains(aliasMark) else { return parsed }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: parsed.unicodeScalars.map { $0 == aliasMark ? "*" : $0 })
        return String(view)
    }

    /// The anchor's name, when a plain scalar as the parser gives it is an alias.
    func aliasName(_ parsed: String) -> String? {
        guard parsed.unicodeScalars.first == aliasMark else { return nil }
        return text(String(parsed.unicodeScalars.dropFirst()))
    }

    /// Whether a scalar may stand in an anchor's name.
    private static func isName(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_", "-": true
        default: false
        }
    }

    /// Where lines start, by every line break YAML 1.1 knows.
    private static func lineStarts(of scalars: [Unicode.Scalar]) -> [Int] {
        var starts = [0]
        for index in scalars.indices {
            switch scalars[index] {
            case "\r" where index + 1 < scalars.count && scalars[index + 1] == "\n": continue
            case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": starts.append(index + 1)
            default: continue
            }
        }
        return starts
    }
}
