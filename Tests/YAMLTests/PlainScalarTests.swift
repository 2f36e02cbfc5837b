import Testing
import YAML

@Suite struct PlainScalarTests {
    @Test(
        arguments: [
            ("", .null), ("~", .null), ("Null", .null), ("nULL", .text), ("yes", .bool(true)), ("Off", .bool(false)),
            ("y", .text), ("0", .int(0)), ("-0", .int(0)), ("+12", .int(12)), ("1_000", .int(1_000)),
            ("0x1F", .int(31)),
            ("-0x1f", .int(-31)), ("0b101", .int(5)), ("017", .int(15)), ("0o17", .int(15)), ("08", .double(8)),
            ("9223372036854775807", .int(.max)), ("-9223372036854775808", .int(.min)), ("9223372036854775808", .text),
            ("1.5", .double(1.5)), ("-.5", .double(-0.5)), ("1.", .double(1)), ("1e3", .double(1_000)),
            ("1.5E-3", .double(0.0015)), ("1_0.5", .double(10.5)), (".inf", .text), (".nan", .text), ("1e999", .text),
            (".", .text), ("-", .text), ("+", .text), ("1.2.3", .text), ("12:30", .text), ("1e", .text), ("0x", .text),
            ("0xg", .text), ("--1", .text), ("0x-1", .text), ("50m", .text), ("1Mi", .text), ("2026-11-28", .text),
            ("_1", .text), ("é", .text), ("=", .text), ("<<", .text),
        ] as [(String, PlainScalar)]
    )
    func aTextMeansWhatKubernetesTakesItFor(_ text: String, _ meaning: PlainScalar) {
        #expect(PlainScalar(text) == meaning)
    }
}
