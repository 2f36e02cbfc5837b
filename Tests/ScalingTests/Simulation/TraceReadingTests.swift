import Scaling
import Testing
import Time

@Suite struct TraceReadingTests {
    private static let functions = "id,trigger,avg_ms,p50_ms,p99_ms,mem_mb\na,http,10,8,90,128\nb,timer,5,,,0\n"

    private func read(_ functions: String, _ invocations: String) throws -> [FunctionTrace] {
        try TraceFiles.read(
            functions: Array(functions.utf8),
            named: "f.csv",
            invocations: Array(invocations.utf8),
            named: "i.csv"
        )
    }

    @Test func joinsBothFiles() throws {
        let traces = try read(Self.functions, "b,0,2,1\r\na,5,0,0\n")
        #expect(traces.map(\.id) == ["b", "a"])
        #expect(traces[0].perMinute == [0, 2, 1] && traces[0].trigger == "timer" && traces[0].memory == 0)
        #expect(traces[1].requests == 5 && traces[1].memory == 128)
        #expect((traces[1].durations.mean - 10).magnitude < 0.1 && traces[0].durations.mean == 5)
    }

    private static let badFiles: [(functions: String, invocations: String, words: String)] = [
        (functions, "c,1\n", "i.csv:1: function `c` is not in f.csv; add its row there or remove this line"),
        (functions, "a,1\n\na,2\n", "i.csv:3: function `a` stands in line 1 already; merge both lines"),
        (functions, "a,1,x\n", "i.csv:1: minute 2 is `x`; write a whole number from 0 to 2147483647"),
        (functions, "a,1,-1\n", "i.csv:1: minute 2 is `-1`; write a whole number from 0 to 2147483647"),
        (functions, "a,1,2\nb,1\n", "i.csv:2: 1 minutes, but 2 in the lines before; make them equal"),
        (functions, "", "i.csv: no function in it; write a line `id,count,count,…` for each"),
        (functions, "a\n", "i.csv:1: no minute after the id; write `id,count,count,…`"),
        ("name,avg_ms\n", "a,1\n", "f.csv:1: no column `id`; begin with a header such as `id,trigger,avg_ms,p50_ms,…`"),
        (
            "id,trigger\n", "a,1\n",
            "f.csv:1: no durations; give a column `avg_ms`, or quantiles from `p0_ms` to `p100_ms`"
        ),
        (
            "id,avg_ms\na,fast\n", "a,1\n",
            "f.csv:2: avg_ms is `fast`; write a number that is not negative"
        ),
        (
            "id,avg_ms\na\n", "a,1\n",
            "f.csv:2: 1 fields, but the header has 2; give each column of the header one field"
        ),
    ]

    @Test(arguments: badFiles)
    func badFilesAreToldByLine(_ functions: String, _ invocations: String, _ words: String) {
        #expect { try read(functions, invocations) } throws: { "\($0)" == words }
    }

    private static let head =
        "# shopfn demand log 1\nminute,function,invocations,avg_ms,p50_ms,p99_ms,max_ms\n"

    private func log(_ text: String) throws -> DemandLog.Contents {
        try DemandLog.read(Array(text.utf8), named: "d.csv")
    }

    @Test func aLogBecomesTraffic() throws {
        let contents = try log(
            Self.head + """
                2026-11-27T21:31:00Z,cart,4,10,8,20,40
                2026-11-27T21:31:00Z,catalog,100,2,1.5,9,12.5
                2026-11-27T21:34:00Z,cart,1,30,30,30,30
                # shopfn demand log 1
                minute,function,invocations,avg_ms,p50_ms,p99_ms,max_ms
                2026-11-27T21:34:00Z,cart,2,30,30,30,30

                """
        )
        #expect(contents.begin == .seconds(1_795_815_060))
        #expect(contents.traces.map(\.id) == ["cart", "catalog"])
        #expect(contents.traces[0].perMinute == [4, 0, 0, 3])
        #expect(contents.traces[1].perMinute == [100, 0, 0, 0])
        // (4 × 10 + 3 × 30) / 7.
        #expect((contents.traces[0].durations.mean - 130.0 / 7).magnitude < 0.5)
    }

    @Test func daysAreCounted() throws {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0), ("2000-02-29T12:05:00Z", 951_825_900), ("2024-12-31T23:59:00Z", 1_735_689_540),
        ] {
            #expect(try log(Self.head + text + ",f,1,1,1,1,1\n").begin == .seconds(seconds))
        }
    }

    private static let badLogs: [(text: String, words: String)] = [
        ("", "d.csv: an empty file; let `shopfn serve --demand-log` write it"),
        (head, "d.csv: no invocation in it yet; wait until a minute with invocations is over"),
        (
            "a,b\n",
            "d.csv:1: not a demand log; give what `shopfn serve --demand-log` wrote; it begins `# shopfn demand log 1`"
        ),
        (
            "# shopfn demand log 2\n",
            "d.csv:1: `# shopfn demand log 2` is no log of this version; begin it with `# shopfn demand log 1`"
        ),
        (
            head + "2026-11-27T21:31:30Z,f,1,1,1,1,1\n",
            "d.csv:3: `2026-11-27T21:31:30Z` is no minute; write it as 2026-11-27T21:31:00Z"
        ),
        (
            head + "2026-02-29T21:31:00Z,f,1,1,1,1,1\n",
            "d.csv:3: `2026-02-29T21:31:00Z` is no minute; write it as 2026-11-27T21:31:00Z"
        ),
        (
            head + "2026-11-27T21:31:00Z,f,0,1,1,1,1\n",
            "d.csv:3: `0` invocations; write a whole number from 1 to 2147483647, or remove the line"
        ),
        (
            head + "2026-11-27T21:31:00Z,f,1,1,1\n",
            "d.csv:3: 5 fields instead of 7; write `minute,function,invocations,avg_ms,p50_ms,p99_ms,max_ms`, or remove "
                + "a line that was cut off"
        ),
        (
            head + "2026-11-27T21:31:00Z,f,1,1,1,1,nan\n",
            "d.csv:3: max_ms is `nan`; write a number of milliseconds that is not negative"
        ),
        (
            head + "1986-11-27T21:31:00Z,f,1,1,1,1,1\n2026-11-27T21:31:00Z,f,1,1,1,1,1\n",
            "d.csv:4: more than three years between this line and another; mend the minute that is wrong"
        ),
    ]

    @Test(arguments: badLogs)
    func badLogsAreToldByLine(_ text: String, _ words: String) {
        #expect { try log(text) } throws: { "\($0)" == words }
    }
}
