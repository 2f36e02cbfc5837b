import JSON
import Randomness
import Testing

@Suite("Writing JSON")
struct WritingTests {
    private let value: JSONValue = ["z": [1, 2.5, "q\"\\/\u{1}\u{7F}é\u{2028}"], "a": [:], "m": [], "n": ["k": nil]]

    @Test("writes compact, sorted and for people")
    func styles() throws {
        let text = #""q\"\\/\u0001\#u{7F}é\#u{2028}""#
        #expect(try string(value, .compact) == #"{"z":[1,2.5,"# + text + #"],"a":{},"m":[],"n":{"k":null}}"#)
        #expect(try string(value, .canonical) == #"{"a":{},"m":[],"n":{"k":null},"z":[1,2.5,"# + text + "]}")
        let pretty = """
            {
              "z": [
                1,
                2.5,
                \(text)
              ],
              "a": {},
              "m": [],
              "n": {
                "k": null
              }
            }
            """
        #expect(try string(value, .pretty) == pretty)
    }

    @Test(
        "writes the shortest digits that read back the same",
        arguments: [
            (0.1, "0.1"), (19.99, "19.99"), (100, "100.0"), (1e100, "1e+100"), (-0.0, "-0.0"),
            (Double.leastNonzeroMagnitude, "5e-324"),
        ]
    )
    func doubles(number: Double, text: String) throws {
        #expect(try string(.double(number), .compact) == text)
        #expect(try JSONValue(parsing: text).doubleValue?.bitPattern == number.bitPattern)
    }

    @Test("refuses numbers that JSON cannot hold", arguments: [Double.infinity, -.infinity, .nan])
    func nonFinite(number: Double) throws {
        #expect(throws: EncodingError.self) { try JSONValue.array([.double(number)]).serialized() }
        #expect(JSONValue.array([.double(number)]).description == "[null]")
    }

    @Test("escapes every control character so that it reads back")
    func controls() throws {
        let text = String(String.UnicodeScalarView((0..<0x80).compactMap(Unicode.Scalar.init)))
        #expect(try JSONValue(parsing: JSONValue.string(text).serialized()) == .string(text))
    }

    @Test("random values read back equal, whatever the style")
    func roundTrip() throws {
        var random = SeededRandom(seed: 7)
        for _ in 0..<2_000 {
            let value = randomValue(&random, depth: 0)
            for style in [JSONStyle.compact, .canonical, .pretty] {
                #expect(try JSONValue(parsing: value.serialized(style)) == value)
            }
        }
    }

    private func string(_ value: JSONValue, _ style: JSONStyle) throws -> String {
        String(decoding: try value.serialized(style), as: UTF8.self)
    }

    private func randomValue(_ random: inout SeededRandom, depth: Int) -> JSONValue {
        switch random.below(depth > 4 ? 5 : 7) {
        case 0: return .null
        case 1: return .bool(random.below(2) == 0)
        case 2: return .int(Int(truncatingIfNeeded: random.next()) >> random.below(64))
        case 3:
            let number = Double(bitPattern: random.next())
            return .double(number.isFinite ? number : 0.5)
        case 4:
            return .string(String((0..<random.below(20)).map { _ in "aé😀\"\\\n\0z/\u{301}".randomElement(&random) }))
        case 5: return .array((0..<random.below(5)).map { _ in randomValue(&random, depth: depth + 1) })
        default:
            var object = JSONObject()
            for _ in 0..<random.below(24) { object["k\(random.below(40))"] = randomValue(&random, depth: depth + 1) }
            return .object(object)
        }
    }
}

extension String {
    fileprivate func randomElement(_ random: inout SeededRandom) -> Character {
        self[index(startIndex, offsetBy: random.below(count))]
    }
}

@Suite("JSON objects")
struct ObjectTests {
    @Test("keep order, replace, remove and find, small and large", arguments: [3, 200])
    func editing(count: Int) {
        var object = JSONObject((0..<count).map { ("k\($0)", .int($0)) })
        #expect(object.names == (0..<count).map { "k\($0)" })
        object["k1"] = "new"
        object["k0"] = nil
        object["last"] = true
        #expect(object.names == (1..<count).map { "k\($0)" } + ["last"])
        #expect(object["k0"] == nil)
        #expect(object["k1"] == "new")
        #expect(object["last"] == true)
        #expect(object["k\(count - 1)"] == .int(count - 1))
        for name in object.names { object[name] = nil }
        #expect(object.isEmpty)
        object["k0"] = 1
        #expect(object["k0"] == 1)
    }

    @Test("are equal whatever the order")
    func equality() {
        let left: JSONObject = JSONObject([("a", 1), ("b", 2)])
        let right: JSONObject = JSONObject([("b", 2), ("a", 1)])
        #expect(left == right)
        #expect(left.hashValue == right.hashValue)
        #expect(left != JSONObject([("a", 1), ("b", 3)]))
        #expect(left != JSONObject([("a", 1)]))
    }
}
