import Testing
import Text

@Suite struct SearchTests {
    @Test(arguments: [
        ("exceeded quota: pods", "quota", true), ("exceeded", "quota", false), ("aaab", "aab", true),
        ("quota", "quota", true), ("quot", "quota", false), ("", "a", false), ("a", "", true), ("", "", true),
        ("größer", "öß", true), ("e\u{301}", "\u{301}", true),
    ])
    func aTextIsFoundByteForByte(_ text: String, _ part: String, _ isThere: Bool) {
        #expect(text.includes(part) == isThere)
        #expect(("<" + text)[...].dropFirst().includes(part) == isThere)
    }

    @Test func theEndOfTheFirstIsGiven() throws {
        let text = "https://a://b"
        let end = try #require(text.end(ofFirst: "://"))
        #expect(text[end...] == "a://b")
        #expect(text.end(ofFirst: ":///") == nil)
    }
}
