import JSON
import Randomness
import Testing

@Suite("Reading JSON")
struct ParsingTests {
    @Test("reads every kind of value")
    func kinds() throws {
        let text = #" {"a": [1, -2.5, 1e3, true, false, null], "b": {"c": "d\u0000\n\ud83d\ude00é"}, "": 0} "#
        let value = try JSONValue(parsing: text)
        let expected: JSONValue = [
            "a": [1, -2.5, 1000.0, true, false, nil], "b": ["c": "d\0\n😀é"], "": 0,
        ]
        #expect(value == expected)
        #expect(value.objectValue?.names == ["a", "b", ""])
        #expect(value["b"]?["c"]?.stringValue == "d\0\n😀é")
        #expect(value["a"]?[0]?.intValue == 1)
        #expect(value["a"]?[6] == nil)
        #expect(value["a"]?[1] == .double(-2.5))
    }

    @Test("keeps all bits of an integer", arguments: [Int.min, Int.max, 0, -1, 9_007_199_254_740_993])
    func exactIntegers(number: Int) throws {
        #expect(try JSONValue(parsing: "\(number)") == .int(number))
        #expect(try JSONValue.int(number).serialized() == Array("\(number)".utf8))
    }

    @Test(
        "refuses what is not JSON, and says where",
        arguments: [
            ("", JSONParseError.Reason.empty, 1), (" \n ", .empty, 2), ("{", .syntax, 1), ("[1,]", .syntax, 1),
            ("{\"a\":1,}", .syntax, 1), ("[1]\n[2]", .syntax, 2), ("01", .syntax, 1), ("+1", .syntax, 1),
            ("nul", .syntax, 1), ("'a'", .syntax, 1), ("\"a\tb\"", .syntax, 1), (#""\ud800""#, .syntax, 1),
            (#""\x""#, .syntax, 1), ("NaN", .syntax, 1), ("[1] // x", .syntax, 1), ("1e999", .numberOutOfRange, 1),
            ("9223372036854775808", .numberOutOfRange, 1), ("{\"a\":1,\n\"a\":2}", .duplicateName, 2),
            ("{\"a\\u0000\":1}", .syntax, 1), ("\u{FEFF}1", .syntax, 1), ("]", .syntax, 1), ("}", .syntax, 1),
        ]
    )
    func refused(text: String, reason: JSONParseError.Reason, line: Int) throws {
        let error = try #require(throws: JSONParseError.self) { try JSONValue(parsing: text) }
        #expect(error.reason == reason, "\(error)")
        #expect(error.line == line, "\(error)")
        #expect(error.byte <= text.utf8.count)
        #expect(!error.message.isEmpty)
    }

    @Test("refuses bytes that are not UTF-8", arguments: [[0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x80]])
    func invalidUTF8(text: [UInt8]) throws {
        let error = try #require(throws: JSONParseError.self) { try JSONValue(parsing: text) }
        #expect(error.reason == .invalidUTF8)
    }

    @Test("names line, column and byte of a mistake")
    func place() throws {
        let error = try #require(throws: JSONParseError.self) { try JSONValue(parsing: "{\n  \"ä\": x\n}") }
        #expect(error.line == 2)
        #expect(error.column == 8)
        #expect(error.byte == 11)
    }

    @Test("limits depth to the last level and no further")
    func depth() throws {
        let limits = JSONLimits(maxDepth: 3)
        #expect(throws: Never.self) { try JSONValue(parsing: #"[{"[[{{":["]]\"[[[["]}]"#, limits: limits) }
        let error = try #require(throws: JSONParseError.self) {
            try JSONValue(parsing: "[1,\n{\"a\":[[]]}]", limits: limits)
        }
        #expect(error.reason == .tooDeep(limit: 3))
        #expect(error.line == 2)
        #expect(error.column == 7)
    }

    @Test("reads and frees the deepest value allowed")
    func deepest() throws {
        let depth = JSONLimits.deepest
        let text = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        let value = try JSONValue(parsing: text, limits: JSONLimits(maxDepth: .max))
        #expect(value.description == text)
        #expect(throws: JSONParseError.self) {
            try JSONValue(parsing: "[" + text + "]", limits: JSONLimits(maxDepth: .max))
        }
    }

    @Test("limits size")
    func size() throws {
        #expect(throws: Never.self) { try JSONValue(parsing: "[1]", limits: JSONLimits(maxBytes: 3)) }
        let error = try #require(throws: JSONParseError.self) {
            try JSONValue(parsing: "[1] ", limits: JSONLimits(maxBytes: 3))
        }
        #expect(error.reason == .tooLarge(limit: 3))
    }

    @Test("survives mutilated texts, and what it accepts it writes back equal")
    func fuzz() throws {
        var random = SeededRandom(seed: 0x5EED)
        let sample = Array(#"{"a":[1,-2.5e3,"x\u00e9\n",{"b":null,"c":[true,false,[]]}],"ü":"é😀","n":0.1}"#.utf8)
        var accepted = 0
        for _ in 0..<20_000 {
            var text = sample
            for _ in 0...random.below(3) {
                let at = random.below(text.count)
                switch random.below(4) {
                case 0: text[at] = UInt8(random.below(256))
                case 1: text.remove(at: at)
                case 2: text.insert(sample[random.below(sample.count)], at: at)
                default: text.swapAt(at, random.below(text.count))
                }
            }
            guard let value = try? JSONValue(parsing: text) else { continue }
            accepted += 1
            #expect(try JSONValue(parsing: value.serialized()) == value)
        }
        #expect(accepted > 500)
        #expect(accepted < 20_000)
    }
}
