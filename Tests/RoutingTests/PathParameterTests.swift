import Routing
import Testing

@Suite("Path parameters")
struct PathParameterTests {
    @Test(
        "are unescaped",
        arguments: [
            ("", ""), ("plain", "plain"), ("a%20b", "a b"), ("a%2Fb", "a/b"), ("a%2fb", "a/b"), ("a+b", "a+b"),
            ("%25", "%"), ("%2525", "%25"), ("caf%C3%A9", "caf\u{E9}"), ("%F0%9F%AA%91", "\u{1FA91}"),
            ("x/y%2Fz", "x/y/z"), ("caf\u{E9}", "caf\u{E9}"),
        ]
    )
    func unescaped(escaped: String, value: String) throws {
        var output = Array("before ".utf8)
        try Array(escaped.utf8).withUnsafeBytes { try PathParameter.decode($0, into: &output) }
        #expect(output == Array("before \(value)".utf8))
    }

    @Test(
        "that are no text are refused and leave the output alone",
        arguments: [
            ("%", .invalidPercentEncoding), ("%4", .invalidPercentEncoding), ("%zz", .invalidPercentEncoding),
            ("a%2", .invalidPercentEncoding), ("%-1", .invalidPercentEncoding), ("%00", .nul), ("a\0", .nul),
            ("%FF", .invalidUTF8), ("%C3", .invalidUTF8), ("%C3%28", .invalidUTF8), ("%C0%AF", .invalidUTF8),
            ("%ED%A0%80", .invalidUTF8), ("%F4%90%80%80", .invalidUTF8), ("%80", .invalidUTF8),
        ] as [(String, PathParameterError)]
    )
    func refused(escaped: String, expected: PathParameterError) {
        var output = Array("before".utf8)
        #expect(throws: expected) {
            try Array(escaped.utf8).withUnsafeBytes { try PathParameter.decode($0, into: &output) }
        }
        #expect(output == Array("before".utf8))
    }
}
