import Testing
import YAML

/// What the parser hands out, and what it says of texts that are none.
@Suite struct EventTests {
    private func events(_ text: String) throws(YAMLError) -> [YAMLEvent] {
        var parser = try YAMLParser(text.utf8)
        var events: [YAMLEvent] = []
        while events.last?.content != .streamEnd { events.append(try parser.next()) }
        return events
    }

    @Test func aDocumentComesPieceByPiece() throws {
        let found = try events("a: &x !!str 'it''s'\nb: [*x, c]\n")
        func mark(_ line: Int, _ column: Int) -> YAMLMark { YAMLMark(line: line, column: column) }
        let plain = YAMLProperties()
        let expected: [(YAMLEvent.Content, YAMLMark)] = [
            (.documentStart, mark(1, 1)), (.mappingStart(plain), mark(1, 1)),
            (.scalar(YAMLScalar("a", isPlain: true), plain), mark(1, 1)),
            (
                .scalar(
                    YAMLScalar("it's", isPlain: false),
                    YAMLProperties(anchor: "x", tag: "tag:yaml.org,2002:str")
                ), mark(1, 4)
            ),
            (.scalar(YAMLScalar("b", isPlain: true), plain), mark(2, 1)), (.sequenceStart(plain), mark(2, 4)),
            (.alias("x"), mark(2, 5)),
        ]
        #expect(found.prefix(7).map(\.content) == expected.map(\.0))
        #expect(found.prefix(7).map(\.mark) == expected.map(\.1))
    }

    @Test func theEndIsGivenAgainAndAgain() throws {
        var parser = try YAMLParser("a".utf8)
        for _ in 0..<4 { _ = try parser.next() }
        for _ in 0..<3 { #expect(try parser.next().content == .streamEnd) }
        #expect(try events("").map(\.content) == [.streamEnd])
        #expect(try events("# nothing\n").map(\.content) == [.streamEnd])
    }

    @Test(arguments: [
        ("a: [1, 2\nb: 3\n", 2, "did not find expected ',' or ']'", "while parsing a flow sequence"),
        ("a: b: c\n", 1, "mapping values are not allowed in this context", ""),
        ("a: 'open\n", 2, "found unexpected end of stream", "while scanning a quoted scalar"),
        ("a:\n\t- b\n", 2, "found character that cannot start any token", "while scanning for the next token"),
        ("ä: \"\\q\"\n", 1, "found unknown escape character", "while parsing a quoted scalar"),
        ("a\u{1}b", 1, "control characters are not allowed", ""),
        ("x\ny\u{7F}: 1\n", 2, "control characters are not allowed", ""),
    ])
    func aMistakeHasItsPlace(_ text: String, _ line: Int, _ problem: String, _ context: String) {
        #expect {
            _ = try events(text)
        } throws: { error in
            guard let error = error as? YAMLError else { return false }
            return error.mark.line == line && error.problem == problem && (error.context?.text ?? "") == context
                && error.description.hasPrefix("line \(line), column \(error.mark.column): \(problem)")
        }
    }

    @Test func aCharactersColumnIsCountedInCharacters() {
        #expect {
            _ = try events("ok\näöü\u{1}")
        } throws: {
            ($0 as? YAMLError)?.mark == YAMLMark(line: 2, column: 4) && ($0 as? YAMLError)?.kind == .characters
        }
        #expect {
            var parser = try YAMLParser([0x61, 0x0A, 0x62, 0xFF])
            while try parser.next().content != .streamEnd {}
        } throws: {
            ($0 as? YAMLError)?.mark == YAMLMark(line: 2, column: 2)
        }
    }

    @Test(arguments: ["[", "- ", "{a: ", "? "])
    func whatStandsTooDeepEndsSoon(_ piece: String) {
        #expect {
            _ = try events(String(repeating: piece, count: 200_000))
        } throws: { ($0 as? YAMLError)?.kind == .depth }
    }

    @Test func aliasesAreNotUnfolded() throws {
        var text = "a0: &a0 [x, x]\n"
        for level in 1...60 { text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
        #expect(try events(text).count < 400)
    }
}
