import JSON
import Testing

private struct Line: Codable, Hashable {
    var product: String
    var quantity: Int
    var note: String?
}

private struct Order: Codable, Hashable {
    enum State: String, Codable { case open, paid }

    var id: UInt64
    var state: State
    var lines: [Line]
    var totals: [String: Double]
    var small: Int8
    var ratio: Float
    var extra: JSONValue?
    var nested: [[Bool?]]
}

@Suite("Codable values")
struct CodingTests {
    private let order = Order(
        id: 9_223_372_036_854_775_807,
        state: .paid,
        lines: [Line(product: "té\"", quantity: 2), Line(product: "", quantity: -1, note: "x")],
        totals: ["net": 19.99],
        small: -128,
        ratio: 0.1,
        extra: ["a": [1, nil, 2.5]],
        nested: [[true, nil], []]
    )

    @Test("come back as they were")
    func roundTrip() throws {
        let bytes = try JSONCoder.encode(order)
        #expect(try JSONCoder.decode(Order.self, from: bytes) == order)
        let text =
            #"{"id":9223372036854775807,"state":"paid","lines":[{"product":"té\"","quantity":2},"#
            + #"{"product":"","quantity":-1,"note":"x"}],"totals":{"net":19.99},"small":-128,"ratio":0.1,"#
            + #""extra":{"a":[1,null,2.5]},"nested":[[true,null],[]]}"#
        #expect(String(decoding: bytes, as: UTF8.self) == text)
        #expect(try JSONCoder.decode(Order.self, from: JSONValue(parsing: bytes)) == order)
    }

    @Test("are written in other styles")
    func styles() throws {
        let line = Line(product: "a", quantity: 1, note: "b")
        let bytes = try JSONCoder.encode(line, style: .canonical)
        #expect(String(decoding: bytes, as: UTF8.self) == #"{"note":"b","product":"a","quantity":1}"#)
    }

    @Test("stand alone as well")
    func fragments() throws {
        #expect(try JSONCoder.encode("a") == Array(#""a""#.utf8))
        #expect(try JSONCoder.encode(Int?.none) == Array("null".utf8))
        #expect(try JSONCoder.encode([Int]()) == Array("[]".utf8))
        #expect(try JSONCoder.encode([String: Int]()) == Array("{}".utf8))
        #expect(try JSONCoder.decode(Int?.self, from: Array("null".utf8)) == nil)
        #expect(try JSONCoder.decode([Int: String].self, from: Array(#"{"1":"a"}"#.utf8)) == [1: "a"])
    }

    @Test(
        "tell the field and what is wrong with it",
        arguments: [
            (
                #"{"lines":[{"product":"a","quantity":"2"}]}"#, "/lines/0/quantity",
                "expected an integer, found a string"
            ),
            (#"{"lines":[{"product":"a"}]}"#, "/lines/0/quantity", "is missing"),
            (#"{"lines":[{"product":null,"quantity":1}]}"#, "/lines/0/product", "expected a string, found null"),
            (#"{"lines":{}}"#, "/lines", "expected a list, found an object"),
            (#"{"lines":[7]}"#, "/lines/0", "expected an object, found the integer 7"),
            (#"{"lines":[{"product":"a","quantity":1.5}]}"#, "/lines/0/quantity", "found the number 1.5"),
            (#"{"lines":[{"product":"a","quantity":1e30}]}"#, "/lines/0/quantity", "from -9223372036854775808 to"),
            (#"[]"#, "", "expected an object, found a list"),
        ]
    )
    func mistakes(text: String, pointer: String, message: String) throws {
        struct Cart: Decodable { var lines: [Line] }
        let error = try #require(throws: DecodingError.self) {
            try JSONCoder.decode(Cart.self, from: Array(text.utf8))
        }
        let mistake = try #require(JSONMistake(error))
        #expect(mistake.pointer == pointer)
        #expect(mistake.message.contains(message), "\(mistake)")
        #expect(!mistake.isMalformed)
    }

    @Test("name the field for people and for machines")
    func fieldNames() throws {
        let text = Array(#"{"a/b~":[{"c":1}]}"#.utf8)
        let error = try #require(throws: DecodingError.self) {
            try JSONCoder.decode([String: [[String: String]]].self, from: text)
        }
        let mistake = try #require(JSONMistake(error))
        #expect(mistake.pointer == "/a~1b~0/0/c")
        #expect(mistake.field == "a/b~[0].c")
    }

    @Test("a text that is no JSON is told apart")
    func malformed() throws {
        let error = try #require(throws: JSONParseError.self) { try JSONCoder.decode(Int.self, from: Array("{".utf8)) }
        #expect(try #require(JSONMistake(error)).isMalformed)
        struct Other: Error {}
        #expect(JSONMistake(Other()) == nil)
    }

    @Test("numbers out of range are refused, never cut", arguments: ["128", "-129", "1e3", "1e300"])
    func range(text: String) throws {
        #expect(throws: DecodingError.self) { try JSONCoder.decode(Int8.self, from: Array(text.utf8)) }
    }

    @Test("a whole number with a fraction or an exponent is an integer")
    func wholeNumbers() throws {
        #expect(try JSONCoder.decode([UInt16].self, from: Array("[3.0,3e2,0.0]".utf8)) == [3, 300, 0])
        #expect(throws: DecodingError.self) { try JSONCoder.decode(UInt.self, from: Array("-1".utf8)) }
        #expect(throws: DecodingError.self) { try JSONCoder.decode(Float.self, from: Array("1e39".utf8)) }
    }

    @Test("numbers that could not be read back are refused, with their place")
    func unwritable() throws {
        struct Holder<Value: Encodable>: Encodable { var list: [Value] }
        for error in [
            #expect(throws: EncodingError.self) { try JSONCoder.encode(Holder(list: [Double.nan])) },
            #expect(throws: EncodingError.self) { try JSONCoder.encode(Holder(list: [-Float.infinity])) },
            #expect(throws: EncodingError.self) { try JSONCoder.encode(Holder(list: [UInt64.max])) },
            #expect(throws: EncodingError.self) { try JSONCoder.encode(Holder(list: [JSONValue.double(.nan)])) },
        ] {
            guard case .invalidValue(_, let context)? = error else {
                Issue.record("another error: \(String(describing: error))")
                continue
            }
            #expect(context.codingPath.map(\.stringValue) == ["list", "0"])
        }
    }

    @Test("containers may be filled out of order, superclasses have their place")
    func containers() throws {
        let bytes = try JSONCoder.encode(Interleaved())
        let text = #"{"first":{"a":1,"b":2},"middle":0,"second":[true,[],{}],"super":{"base":1}}"#
        #expect(String(decoding: bytes, as: UTF8.self) == text)
        let read = try JSONCoder.decode(Derived.self, from: Array(#"{"own":2,"super":{"base":1}}"#.utf8))
        #expect(read.base == 1)
        #expect(read.own == 2)
    }

    @Test("a type that writes two kinds of value at once is an error")
    func twoKinds() {
        struct Broken: Encodable {
            func encode(to encoder: any Encoder) throws {
                _ = encoder.container(keyedBy: Name.self)
                _ = encoder.unkeyedContainer()
            }
        }
        #expect(throws: EncodingError.self) { try JSONCoder.encode(Broken()) }
    }
}

private enum Name: String, CodingKey {
    case first, middle, second, a, b
    case base, own
}

private struct Interleaved: Encodable {
    func encode(to encoder: any Encoder) throws {
        var outer = encoder.container(keyedBy: Name.self)
        var first = outer.nestedContainer(keyedBy: Name.self, forKey: .first)
        try first.encode(1, forKey: .a)
        try outer.encode(0, forKey: .middle)
        var second = outer.nestedUnkeyedContainer(forKey: .second)
        try first.encode(2, forKey: .b)
        try second.encode(true)
        _ = second.nestedUnkeyedContainer()
        _ = second.superEncoder()
        var base = outer.superEncoder().container(keyedBy: Name.self)
        try base.encode(1, forKey: .base)
    }
}

private class Base: Decodable {
    var base: Int

    required init(from decoder: any Decoder) throws {
        base = try decoder.container(keyedBy: Name.self).decode(Int.self, forKey: .base)
    }
}

private final class Derived: Base {
    var own = 0

    required init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Name.self)
        own = try container.decode(Int.self, forKey: .own)
        try super.init(from: container.superDecoder())
    }
}
