/// Resolves `${VAR}`, `${VAR:-default}` and `$$` within a scalar that YAML has already set apart.
///
/// Because it works on parsed text, no variable's value can add a key, close a quote or start a list.
struct Interpolation {
    /// Gives a variable's value, or nothing when it is not set.
    let lookup: (String) -> String?

    /// The text with its variables resolved, and whether it had any; or every mistake in it.
    func resolve(_ text: String) -> (text: String, isChanged: Bool, errors: [ValueError]) {
        guard text.utf8.contains(UInt8(ascii: "$")) else { return (text, false, []) }
        var result = ""
        var errors: [ValueError] = []
        var rest = text[...]
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[rest.index(after: dollar)...]
            if rest.first == "$" {
                result += "$"
                rest = rest.dropFirst()
            } else if rest.first == "{" {
                guard let end = Self.closing(rest) else {
                    errors.append(error("'$\(rest)' has no closing '}'", fix: "write ${NAME} or ${NAME:-default}"))
                    return (text, true, errors)
                }
                let inner = rest[rest.index(after: rest.startIndex)..<end]
                rest = rest[rest.index(after: end)...]
                switch value(of: inner) {
                case .success(let value): result += value
                case .failure(let mistake): errors.append(mistake)
                }
            } else {
                let name = rest.prefix { Self.isName(String($0)) || $0.isNumber }
                let meant = name.isEmpty ? "${NAME}" : "${\(name)}"
                errors.append(
                    error("a '$' stands alone", fix: "write \(meant) for a variable, or $$ for a dollar sign")
                )
            }
        }
        result += rest
        return (result, true, errors)
    }

    private func value(of inner: Substring) -> Result<String, ValueError> {
        let name = inner.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        let rest = inner.dropFirst(name.count)
        guard Self.isName(String(name)) else {
            return .failure(
                error(
                    "'${\(inner)}' names no variable",
                    fix: "a variable's name has letters, digits and '_', first no digit"
                )
            )
        }
        let value = lookup(String(name))
        if rest.isEmpty {
            if let value { return .success(value) }
            return .failure(
                ValueError(
                    code: .unsetVariable,
                    message: "the variable \(name) is not set",
                    fix: "set it in the environment, or give a default: ${\(name):-value}"
                )
            )
        }
        guard rest.hasPrefix(":-") else {
            return .failure(
                error("'${\(inner)}' is not understood after the name", fix: "write ${\(name)} or ${\(name):-default}")
            )
        }
        // As in a shell, ':-' gives the default for an empty variable too.
        if let value, !value.isEmpty { return .success(value) }
        let fallback = resolve(String(rest.dropFirst(2)))
        if let first = fallback.errors.first { return .failure(first) }
        return .success(fallback.text)
    }

    private func error(_ message: String, fix: String) -> ValueError {
        ValueError(code: .badInterpolation, message: message, fix: fix)
    }

    /// The brace that closes the one at the start, with `${…}` within a default left whole.
    private static func closing(_ text: Substring) -> Substring.Index? {
        var depth = 0
        var previous: Character = "$"
        for index in text.indices {
            if text[index] == "{", previous == "$" { depth += 1 }
            if text[index] == "}" {
                depth -= 1
                if depth == 0 { return index }
            }
            previous = text[index]
        }
        return nil
    }

    /// Whether a text is a variable's name: letters, digits and `_`, first no digit.
    static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            return false
        }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }
}
