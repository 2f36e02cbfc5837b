import Time

/// Reads the log of demand that a gateway keeps of its own traffic.
///
/// UTF-8, first line `# shopfn demand log 1`, then a header, then a line for each minute and function with invocations:
/// `minute,function,invocations,avg_ms,p50_ms,p99_ms,max_ms`, the minute in RFC 3339 and UTC
/// (`2026-11-27T21:31:00Z`). Lines of the same minute and function are added up, and both first lines may come again, so
/// that logs can be joined and a gateway may be restarted within a minute.
package enum DemandLog {
    static let magic = "# shopfn demand log 1"
    static let header = "minute,function,invocations,avg_ms,p50_ms,p99_ms,max_ms"
    /// A longer log is taken for one with a wrong date in it.
    static let mostMinutes: Int64 = 3 * 366 * 24 * 60

    /// What a log holds: each function's traffic from the first minute to the last, and when that first minute was.
    package struct Contents: Sendable {
        package var traces: [FunctionTrace]
        /// Time since the Unix epoch.
        package var begin: Duration
    }

    private struct Gathered {
        var perMinute: [(minute: Int64, count: Int64)] = []
        var durations = DurationMixture()
    }

    /// - Throws: ``TraceError`` with the line.
    package static func read(_ bytes: [UInt8], named name: String) throws(TraceError) -> Contents {
        var gathered: [String: Gathered] = [:]
        var order: [String] = []
        var first = Int64.max
        var last = Int64.min
        var hasMagic = false
        for (number, line) in TraceFiles.lines(of: bytes) {
            func fail(_ problem: String, _ fix: String) -> TraceError {
                TraceError(file: name, line: number, problem: problem, fix: fix)
            }
            if line.first == UInt8(ascii: "#") {
                guard TraceFiles.text(line) == magic else {
                    throw fail("`\(TraceFiles.text(line))` is no log of this version", "begin it with `\(magic)`")
                }
                hasMagic = true
                continue
            }
            guard hasMagic else {
                throw fail("not a demand log", "give what `shopfn serve --demand-log` wrote; it begins `\(magic)`")
            }
            if line.elementsEqual(header.utf8) { continue }
            let fields = line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
            guard fields.count == 7 else {
                throw fail(
                    "\(fields.count) fields instead of 7",
                    "write `\(header)`, or remove a line that was cut off"
                )
            }
            guard let minute = UTCMinute.parse(fields[0]) else {
                throw fail("`\(TraceFiles.text(fields[0]))` is no minute", "write it as 2026-11-27T21:31:00Z")
            }
            let id = TraceFiles.text(fields[1])
            guard !id.isEmpty else { throw fail("no function", "name it in the second field") }
            guard let count = TraceFiles.integer(fields[2]), count > 0, count <= Int64(Int32.max) else {
                throw fail(
                    "`\(TraceFiles.text(fields[2]))` invocations",
                    "write a whole number from 1 to \(Int32.max), or remove the line"
                )
            }
            var durations: [Double] = []
            for (index, column) in ["avg_ms", "p50_ms", "p99_ms", "max_ms"].enumerated() {
                guard let value = Double(TraceFiles.text(fields[3 + index])), value >= 0, value.isFinite else {
                    throw fail(
                        "\(column) is `\(TraceFiles.text(fields[3 + index]))`",
                        "write a number of milliseconds that is not negative"
                    )
                }
                durations.append(value)
            }
            first = Swift.min(first, minute)
            last = Swift.max(last, minute)
            guard last - first < mostMinutes else {
                throw fail("more than three years between this line and another", "mend the minute that is wrong")
            }
            if gathered[id] == nil {
                gathered[id] = Gathered()
                order.append(id)
            }
            gathered[id]?.perMinute.append((minute, count))
            gathered[id]?.durations.add(
                count: Double(count),
                average: durations[0],
                median: durations[1],
                p99: durations[2],
                most: durations[3]
            )
        }
        guard hasMagic else {
            throw TraceError(
                file: name,
                line: 0,
                problem: "an empty file",
                fix: "let `shopfn serve --demand-log` write it"
            )
        }
        guard !order.isEmpty else {
            throw TraceError(
                file: name,
                line: 0,
                problem: "no invocation in it yet",
                fix: "wait until a minute with invocations is over"
            )
        }
        var traces: [FunctionTrace] = []
        for id in order {
            guard let found = gathered[id] else { continue }
            var counts = [Int32](repeating: 0, count: Int(last - first) + 1)
            for (minute, count) in found.perMinute {
                let index = Int(minute - first)
                counts[index] = Int32(clamping: Int64(counts[index]) + count)
            }
            traces.append(
                FunctionTrace(id: id, trigger: "http", perMinute: counts, durations: found.durations.distribution)
            )
        }
        return Contents(traces: traces, begin: .seconds(first * 60))
    }
}

/// Joins the durations of many minutes, each known by a few figures, into one distribution; its size is bounded.
struct DurationMixture {
    private static let perOctave = 8
    /// Milliseconds at the first bin's upper edge.
    private static let least = 0.001
    private static let parts = 40

    /// Weights by duration, on a logarithmic scale from a microsecond to more than ten hours.
    private var bins = [Double](repeating: 0, count: perOctave * 36)
    private var total = 0.0
    private var sum = 0.0
    private var most = 0.0

    init() {}

    mutating func add(count: Double, average: Double, median: Double, p99: Double, most longest: Double) {
        let minute = DurationDistribution(
            quantiles: [
                (0, Swift.max(0, Swift.min(median, 2 * average - median))), (0.5, median), (0.99, p99), (1, longest),
            ]
        )
        for part in 0..<Self.parts {
            let value = Double(minute.sample((Double(part) + 0.5) / Double(Self.parts))) / 1e6
            bins[Self.bin(value)] += count / Double(Self.parts)
        }
        total += count
        sum += count * average
        most = Swift.max(most, longest)
    }

    private static func bin(_ value: Double) -> Int {
        if value <= least { return 0 }
        let position = naturalLogarithm(value / least) * Double(perOctave) / naturalLogarithm(2)
        return Swift.min(Int(position) + 1, perOctave * 36 - 1)
    }

    /// The distribution, with the mean as recorded.
    var distribution: DurationDistribution {
        guard total > 0 else { return DurationDistribution(constant: 0) }
        var quantiles: [(probability: Double, milliseconds: Double)] = []
        for probability in [0.0, 0.01, 0.25, 0.5, 0.75, 0.9, 0.99] {
            var seen = 0.0
            var bin = 0
            while bin < bins.count - 1, bins[bin] == 0 || seen + bins[bin] < probability * total {
                seen += bins[bin]
                bin += 1
            }
            // The middle of its bin.
            let octaves = (Double(bin) - 0.5) / Double(Self.perOctave)
            let value = Self.least * exponential(octaves * naturalLogarithm(2))
            quantiles.append((probability, Swift.min(value, most)))
        }
        quantiles.append((1, most))
        return DurationDistribution(quantiles: quantiles, mean: sum / total)
    }
}

/// Minutes as RFC 3339 writes them in UTC.
enum UTCMinute {
    /// Minutes since the Unix epoch, for `2026-11-27T21:31:00Z`; nothing for anything else.
    static func parse(_ text: ArraySlice<UInt8>) -> Int64? {
        let bytes = Array(text)
        guard bytes.count == 20, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            bytes[10] == UInt8(ascii: "T"), bytes[13] == UInt8(ascii: ":"), bytes[16...].elementsEqual(":00Z".utf8),
            let year = TraceFiles.integer(bytes[0..<4]), let month = TraceFiles.integer(bytes[5..<7]),
            let day = TraceFiles.integer(bytes[8..<10]), let hour = TraceFiles.integer(bytes[11..<13]),
            let minute = TraceFiles.integer(bytes[14..<16]),
            year >= 1970, (1...12).contains(month), day >= 1, hour < 24, minute < 60
        else { return nil }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths: [Int64] = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard day <= lengths[Int(month) - 1] else { return nil }
        // Days before the year, counted from the year 1 in the proleptic Gregorian calendar.
        let years = year - 1
        let days = years * 365 + years / 4 - years / 100 + years / 400 - 719_162
        let inYear = lengths[..<(Int(month) - 1)].reduce(0, +) + day - 1
        return ((days + inYear) * 24 + hour) * 60 + minute
    }
}
