import Manifest
import Testing
import Time

@Suite struct ValueTests {
    @Test(arguments: [
        ("1ms", Duration.milliseconds(1)), ("250ms", .milliseconds(250)), ("10s", .seconds(10)), ("5m", .seconds(300)),
        ("1h", .seconds(3_600)), ("\"10s\"", .seconds(10)), ("010s", .seconds(10)),
    ])
    func durations(_ text: String, _ expected: Duration) {
        #expect(read(withFunction("timeout: \(text)")).manifest?.functions.first?.timeout == expected)
    }

    @Test(arguments: [
        ("10", "bad-duration"), ("ten", "bad-duration"), ("10 s", "bad-duration"), ("1.5s", "bad-duration"),
        ("-1s", "bad-duration"), ("10S", "bad-duration"), ("1d", "bad-duration"), ("s", "bad-duration"),
        ("0s", "out-of-range"), ("2h", "out-of-range"), ("99999999999999999999s", "bad-duration"),
        ("9223372036854775807h", "out-of-range"), ("[1s]", "wrong-type"), ("{}", "wrong-type"), ("", "wrong-type"),
        ("~", "wrong-type"), ("١s", "bad-duration"),
    ])
    func badDurations(_ text: String, _ code: String) {
        #expect(read(withFunction("timeout: \(text)")).diagnostics.map(\.code.rawValue) == [code])
    }

    @Test(arguments: [
        ("16777216B", 16 << 20), ("16384Ki", 16 << 20), ("128Mi", 128 << 20), ("128MiB", 128 << 20), ("1Gi", 1 << 30),
        ("20000kB", 20_000_000), ("50MB", 50_000_000), ("1GB", 1_000_000_000),
    ])
    func sizes(_ text: String, _ expected: Int) {
        #expect(read(withFunction("memory: \(text)")).manifest?.functions.first?.memory == expected)
    }

    @Test(arguments: [
        ("128", "bad-size"), ("128mi", "bad-size"), ("Mi", "bad-size"), ("1.5Gi", "bad-size"), ("128 Mi", "bad-size"),
        ("1Mi", "out-of-range"), ("2000000Gi", "out-of-range"), ("99999999999999999999Mi", "bad-size"),
        ("9223372036854775807Gi", "out-of-range"),
    ])
    func badSizes(_ text: String, _ code: String) {
        #expect(read(withFunction("memory: \(text)")).diagnostics.map(\.code.rawValue) == [code])
    }

    @Test func fixesNameTheUnit() {
        #expect(
            read(withFunction("timeout: 10")).diagnostics.map(\.fix) == ["write 10s for seconds, or one of ms, m, h"]
        )
        #expect(
            read(withFunction("memory: 64")).diagnostics.map(\.fix) == [
                "write 64Mi for mebibytes, or one of B, Ki, Gi, kB, MB, GB"
            ]
        )
    }

    @Test(arguments: [
        (Duration.zero, "0s"), (.milliseconds(250), "250ms"), (.seconds(90), "90s"), (.seconds(120), "2m"),
        (.seconds(7_200), "2h"),
    ])
    func durationsAreWrittenAsTheyAreRead(_ duration: Duration, _ text: String) {
        #expect(DurationText.text(duration) == text)
    }

    @Test(arguments: [
        (0, "0B"), (512, "512B"), (65_536, "64Ki"), (6 << 20, "6Mi"), (5_000_000, "5MB"), (1 << 30, "1Gi"),
    ])
    func sizesAreWrittenAsTheyAreRead(_ size: Int, _ text: String) {
        #expect(SizeText.text(size) == text)
    }

    @Test(arguments: [
        ("1", 1), ("10000", 10_000),
    ])
    func wholeNumbers(_ text: String, _ expected: Int) {
        #expect(read(withFunction("concurrency: \(text)")).manifest?.functions.first?.concurrency == expected)
    }

    @Test(arguments: [
        ("0", "out-of-range"), ("10001", "out-of-range"), ("-1", "out-of-range"), ("1.0", "wrong-type"),
        ("1e3", "wrong-type"), ("0x10", "wrong-type"), ("1_000", "wrong-type"), ("\"8\"", "wrong-type"),
        ("yes", "wrong-type"), ("99999999999999999999", "wrong-type"), ("", "wrong-type"), ("[1]", "wrong-type"),
    ])
    func badWholeNumbers(_ text: String, _ code: String) {
        #expect(read(withFunction("concurrency: \(text)")).diagnostics.map(\.code.rawValue) == [code])
    }
}
