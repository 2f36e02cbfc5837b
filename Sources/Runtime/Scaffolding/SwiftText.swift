/// Finds places in Swift source without being misled by comments and strings.
struct SwiftText {
    let characters: [Character]
    /// For each character, whether it is code: in no comment and no string.
    private let isCode: [Bool]

    init(_ text: String) {
        characters = Array(text)
        isCode = Self.code(in: characters)
    }

    /// The index just after the first occurrence of a text in code.
    func end(of text: String, from start: Int = 0) -> Int? {
        let pattern = Array(text)
        guard characters.count >= pattern.count else { return nil }
        return (start...(characters.count - pattern.count)).first { index in
            isCode[index] && characters[index] == pattern[0]
                && Array(characters[index..<index + pattern.count]) == pattern
        }.map { $0 + pattern.count }
    }

    /// The index of the bracket that closes the one just before `start`.
    func closing(_ open: Character, _ close: Character, from start: Int) -> Int? {
        var depth = 1
        for index in start..<characters.count where isCode[index] {
            if characters[index] == open { depth += 1 }
            if characters[index] == close {
                depth -= 1
                if depth == 0 { return index }
            }
        }
        return nil
    }

    func text(_ range: Range<Int>) -> String { String(characters[range]) }

    /// The range without the comments in it, as text.
    func code(_ range: Range<Int>) -> String { String(range.filter { isCode[$0] }.map { characters[$0] }) }

    /// Marks what is in no comment and no string; raw and multi-line strings count as far as a list may hold them.
    private static func code(in characters: [Character]) -> [Bool] {
        var isCode = [Bool](repeating: true, count: characters.count)
        var index = 0
        func at(_ offset: Int) -> Character? {
            index + offset < characters.count ? characters[index + offset] : nil
        }
        while index < characters.count {
            if at(0) == "/", at(1) == "/" {
                while index < characters.count, !characters[index].isNewline {
                    isCode[index] = false
                    index += 1
                }
            } else if at(0) == "/", at(1) == "*" {
                var depth = 0
                repeat {
                    if at(0) == "/", at(1) == "*" { depth += 1 }
                    if at(0) == "*", at(1) == "/" { depth -= 1 }
                    isCode[index] = false
                    index += 1
                } while index < characters.count && depth > 0
                if index < characters.count {
                    isCode[index] = false
                    index += 1
                }
            } else if at(0) == "\"" {
                isCode[index] = false
                index += 1
                while index < characters.count, characters[index] != "\"", !characters[index].isNewline {
                    isCode[index] = false
                    if characters[index] == "\\", index + 1 < characters.count {
                        isCode[index + 1] = false
                        index += 1
                    }
                    index += 1
                }
                if index < characters.count { isCode[index] = false }
                index += 1
            } else {
                index += 1
            }
        }
        return isCode
    }
}
