import Telemetry
import Testing

@Suite struct TraceContextTests {
    private let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    @Test func aTraceparentIsRead() throws {
        let context = try #require(TraceContext(traceparent: good.utf8))
        #expect(context.traceID.description == "4bf92f3577b34da6a3ce929d0e0e4736")
        #expect(context.spanID == 0x00f0_67aa_0ba9_02b7)
        #expect(context.isSampled)
        #expect(context.traceparent == good)
        let child = try #require(context.child(spanID: 0xA))
        #expect(child.traceparent == "00-4bf92f3577b34da6a3ce929d0e0e4736-000000000000000a-01")
        #expect(context.child(spanID: 0) == nil)
    }

    @Test func aLaterVersionIsReadAsFarAsItIsKnown() throws {
        let later = "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff-what-comes"
        #expect(TraceContext(traceparent: later.utf8)?.traceparent == good)
        #expect(TraceContext(traceparent: (good + "-x").utf8) == nil)
        #expect(TraceContext(traceparent: ("cc" + good.dropFirst(2) + "x").utf8) == nil)
    }

    @Test func malformedOnesAreNone() {
        for text in [
            "", "00", String(good.dropLast()), good.uppercased(), "ff" + good.dropFirst(2), " " + good,
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
            "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1 ",
        ] {
            #expect(TraceContext(traceparent: text.utf8) == nil, "\(text)")
        }
    }

    @Test func aTracestateIsCheckedAndLeftOutWhenItIsWrong() {
        func state(_ text: String) -> String? { TraceContext(traceparent: good.utf8, tracestate: text)?.state }
        for right in ["", "a=1", "rojo=00f067, congo=t61", "tenant@system=x", "a=1,,b=2", "1a=x y"] {
            #expect(state(right) == right, "\(right)")
        }
        let many = (0..<33).map { "k\($0)=1" }.joined(separator: ",")
        for wrong in [
            "a", "=1", "a=", "A=1", "a=1,a=2", "a=b=c", "a=\u{1}", many, "a=" + String(repeating: "x", count: 257),
        ] {
            #expect(state(wrong) == "", "\(wrong)")
        }
    }
}
