import Events
import JSON
import Testing

@Suite struct EncodingTests {
    /// The vectors of RFC 4648 §10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func base64(_ text: String, _ encoded: String) {
        #expect(Base64.encode(Array(text.utf8)) == encoded)
        #expect(Base64.decode(encoded) == Array(text.utf8))
    }

    @Test func base64OfEveryByteAndLength() {
        for length in 0..<300 {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ length) }
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
        }
        #expect(Base64.decode("-_8") == [0xFB, 0xFF])
    }

    @Test(arguments: ["A", "AAAAA", "A===", "AA=A", "AA=", "A A=", "Zg=", "Zg===", "é", "Zm8\n"])
    func noBase64(_ text: String) {
        #expect(Base64.decode(text) == nil)
    }

    @Test func percentEncoding() {
        #expect(PercentEncoding.encode("a b/ä?%", keeping: PercentEncoding.path) == "a%20b/%C3%A4%3F%25")
        #expect(PercentEncoding.encode("/50%/%41%4", keeping: PercentEncoding.path) == "/50%25/%41%254")
        #expect(PercentEncoding.encode("%41", keeping: PercentEncoding.queryComponent) == "%2541")
        #expect(PercentEncoding.decode("a%20b+c%zz%4", plusIsSpace: true) == "a b c%zz%4")
        #expect(PercentEncoding.decode("a+b", plusIsSpace: false) == "a+b")
        let fields: [HTTPEvent.Field] = [.init("a&b", "c=d"), .init("e", "+ %"), .init("", "x")]
        #expect(PercentEncoding.parameters(ofQuery: PercentEncoding.query(of: fields)) == fields)
        #expect(PercentEncoding.parameters(ofQuery: "&&a&b=&=c") == [.init("a", ""), .init("b", ""), .init("", "c")])
    }

    @Test(arguments: [
        (0, "01/Jan/1970:00:00:00 +0000"), (951_782_399_000, "28/Feb/2000:23:59:59 +0000"),
        (951_782_400_000, "29/Feb/2000:00:00:00 +0000"), (1_735_689_599_999, "31/Dec/2024:23:59:59 +0000"),
    ])
    func times(_ milliseconds: Int, _ text: String) {
        let json = HTTPEvent(method: "GET", path: "/").json(version: .two, time: EventTime(milliseconds: milliseconds))
        #expect(json["requestContext"]?["time"]?.stringValue == text)
    }
}
