import Manifest
import Randomness
import Testing

/// Whatever the bytes: an answer in bounded time, no trap, and a mistake with a place where there is no manifest.
@Suite struct HostileInputTests {
    private func read(_ bytes: [UInt8]) -> ManifestReading {
        ManifestReading(SourceText(bytes, file: "f"), environment: { _ in nil })
    }

    private func check(_ bytes: [UInt8]) {
        let reading = read(bytes)
        #expect((reading.manifest == nil) == !reading.diagnostics.isEmpty)
        for diagnostic in reading.diagnostics {
            #expect(diagnostic.position.line >= 1 && diagnostic.position.column >= 1)
            #expect(diagnostic.position.line <= reading.source.lineCount)
            #expect(!diagnostic.message.isEmpty && !diagnostic.fix.isEmpty)
        }
        _ = DiagnosticRenderer(source: reading.source).render(reading.diagnostics)
    }

    @Test func bytesThatAreNotUTF8AreNamed() {
        let reading = read(Array("version: 1\nservice: ä".utf8) + [0xFF, 0x41])
        #expect(reading.diagnostics.map(\.code) == [.notText])
        #expect(reading.diagnostics.first?.position == SourcePosition(line: 2, column: 11))
        #expect(reading.diagnostics.first?.message == "the byte 0xFF is not valid UTF-8")
        check([0xC3])
        check([0xEF, 0xBB, 0xBF])
        check([0x00])
        check([0xFE, 0xFF, 0x00, 0x61])
    }

    @Test func aFileThatIsTooLargeIsRefusedBeforeItIsParsed() {
        let reading = read([UInt8](repeating: UInt8(ascii: "["), count: (8 << 20) + 1))
        #expect(reading.diagnostics.map(\.code) == [.fileTooLarge])
    }

    @Test(arguments: ["[", "{", "- ", "a: [", "{a: ", "? ", "&a [", "!x [", "*a ", "'", "\"", "|\n ", "- - "])
    func deepAndUnclosedTextsEnd(_ piece: String) {
        check(Array(String(repeating: piece, count: 20_000).utf8))
    }

    @Test func deepButWellFormedTextsAreRefused() {
        let deep = String(repeating: "[", count: 500) + String(repeating: "]", count: 500)
        let reading = read(Array("version: 1\nservice: s\nfunctions: {}\nx-deep: \(deep)\n".utf8))
        #expect(reading.diagnostics.map(\.code) == [.tooDeep])
    }

    @Test func aliasesThatUnfoldWithoutEndCostNothing() {
        var yaml = "version: 1\nservice: s\nx-0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1...40 {
            let items = [String](repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
            yaml += "x-\(level): &a\(level) [\(items)]\n"
        }
        #expect(read(Array((yaml + "functions: {}\n").utf8)).manifest?.functions.isEmpty == true)
        #expect(read(Array((yaml + "functions: *a40\n").utf8)).diagnostics.map(\.code) == [.wrongType])
        #expect(read(Array((yaml + "functions: { *a40 : x }\n").utf8)).diagnostics.map(\.code) == [.wrongType])
        check(Array((yaml + "functions: { a: *a40 }\n").utf8))
    }

    @Test func aMergeBombOfMappingsEnds() {
        var yaml = "version: 1\nservice: s\nx-0: &a0 { k: v }\n"
        for level in 1...12 {
            let items = [String](repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
            yaml += "x-\(level): &a\(level) { <<: [\(items)] }\n"
        }
        #expect(read(Array((yaml + "functions: {}\n").utf8)).manifest?.functions.isEmpty == true)
    }

    @Test func textsOfAllPrivateUseCharactersEnd() {
        let all = String(String.UnicodeScalarView((0xE000...0xF8FF).compactMap { Unicode.Scalar($0 as UInt32) }))
        check(Array("version: 1\nservice: \(all)\n".utf8))
        check(Array("version: 1\nservice: \(all.dropLast())\na: *b\na: 1\na: 2\n".utf8))
    }

    @Test func tenThousandFunctionsAreRead() {
        var yaml = "version: 1\nservice: s\nfunctions:\n"
        for index in 0..<10_000 {
            yaml += "  f\(index): { module: m, handler: H, route: \"GET /r\(index)/{id}\", scale: { max: 2 } }\n"
        }
        let reading = read(Array(yaml.utf8))
        #expect(reading.diagnostics == [])
        #expect(reading.manifest?.functions.count == 10_000)
    }

    @Test(arguments: 0..<8) func mutatedManifestsNeverTrap(_ seed: Int) {
        var random = SeededRandom(seed: UInt64(seed) &* 0x9E37_79B9 &+ 1)
        let alphabet = Array("{}[]:,-?&*!|>'\"%@`#\\$\n\t \r\0~<=abé0".utf8)
        let original = Array((ManifestModelTests.shop + "\nx-a: &a { b: *a }\nx-c: [1, 'two', \"three\"]\n").utf8)
        for _ in 0..<250 {
            var bytes = original
            for _ in 0...random.below(12) {
                let place = random.below(bytes.count)
                switch random.below(5) {
                case 0: bytes[place] = UInt8(random.below(256))
                case 1: bytes[place] = alphabet[random.below(alphabet.count)]
                case 2: bytes.insert(alphabet[random.below(alphabet.count)], at: place)
                case 3: bytes.removeSubrange(place..<min(bytes.count, place + 1 + random.below(20)))
                default:
                    let end = min(bytes.count, place + 1 + random.below(60))
                    bytes.insert(contentsOf: bytes[place..<end], at: random.below(bytes.count))
                }
                if bytes.isEmpty { bytes = [UInt8(ascii: "a")] }
            }
            check(bytes)
        }
    }
}
