/// What is wrong with a trace file, where, and how to mend it.
package struct TraceError: Error, Hashable, CustomStringConvertible {
    package var file: String
    /// Counted from 1; 0 where the whole file is meant.
    package var line: Int
    package var problem: String
    /// What to write instead.
    package var fix: String

    package init(file: String, line: Int, problem: String, fix: String) {
        self.file = file
        self.line = line
        self.problem = problem
        self.fix = fix
    }

    /// Where and what, without how to mend it.
    package var message: String { line > 0 ? "\(file):\(line): \(problem)" : "\(file): \(problem)" }

    package var description: String { "\(message); \(fix)" }
}

/// Reads the two CSV files of recorded traffic: functions with their durations, and requests per minute.
package enum TraceFiles {
    static let quantiles: [(column: String, probability: Double)] = [
        ("p0_ms", 0), ("p1_ms", 0.01), ("p25_ms", 0.25), ("p50_ms", 0.5), ("p75_ms", 0.75), ("p99_ms", 0.99),
        ("p100_ms", 1),
    ]

    /// Joins both files by id; the order is that of the invocations.
    package static func read(
        functions: [UInt8],
        named functionsName: String,
        invocations: [UInt8],
        named invocationsName: String
    ) throws(TraceError) -> [FunctionTrace] {
        let described = try readFunctions(functions, functionsName)
        var traces: [FunctionTrace] = []
        var seen: [String: Int] = [:]
        for (number, line) in lines(of: invocations) {
            func fail(_ problem: String, _ fix: String) -> TraceError {
                TraceError(file: invocationsName, line: number, problem: problem, fix: fix)
            }
            var fields = line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)[...]
            guard let first = fields.popFirst() else { continue }
            let id = text(first)
            guard let known = described[id] else {
                throw fail("function `\(id)` is not in \(functionsName)", "add its row there or remove this line")
            }
            if let other = seen[id] {
                throw fail("function `\(id)` stands in line \(other) already", "merge both lines")
            }
            seen[id] = number
            var trace = known
            trace.perMinute.reserveCapacity(fields.count)
            for (index, field) in fields.enumerated() {
                guard let count = integer(field), count <= Int64(Int32.max) else {
                    throw fail("minute \(index + 1) is `\(text(field))`", "write a whole number from 0 to \(Int32.max)")
                }
                trace.perMinute.append(Int32(count))
            }
            if let width = traces.first?.perMinute.count, width != trace.perMinute.count {
                throw fail("\(trace.perMinute.count) minutes, but \(width) in the lines before", "make them equal")
            }
            traces.append(trace)
        }
        guard let minutes = traces.first?.perMinute.count else {
            throw TraceError(
                file: invocationsName,
                line: 0,
                problem: "no function in it",
                fix: "write a line `id,count,count,…` for each"
            )
        }
        guard minutes > 0 else {
            throw TraceError(
                file: invocationsName,
                line: 1,
                problem: "no minute after the id",
                fix: "write `id,count,count,…`"
            )
        }
        return traces
    }

    private static func readFunctions(_ bytes: [UInt8], _ name: String) throws(TraceError) -> [String: FunctionTrace] {
        var result: [String: FunctionTrace] = [:]
        var columns: [String: Int] = [:]
        for (lineNumber, line) in lines(of: bytes) {
            func fail(_ problem: String, _ fix: String) -> TraceError {
                TraceError(file: name, line: lineNumber, problem: problem, fix: fix)
            }
            let fields = line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map(text)
            if columns.isEmpty {
                for (index, field) in fields.enumerated() { columns[field] = index }
                guard columns["id"] != nil else {
                    throw fail("no column `id`", "begin with a header such as `id,trigger,avg_ms,p50_ms,…`")
                }
                guard columns["avg_ms"] != nil || columns["p50_ms"] != nil else {
                    throw fail("no durations", "give a column `avg_ms`, or quantiles from `p0_ms` to `p100_ms`")
                }
                continue
            }
            guard fields.count == columns.count else {
                throw fail(
                    "\(fields.count) fields, but the header has \(columns.count)",
                    "give each column of the header one field"
                )
            }
            func field(_ column: String) -> String? { columns[column].map { fields[$0] } }
            func number(_ column: String) throws(TraceError) -> Double? {
                guard let text = field(column), !text.isEmpty else { return nil }
                guard let value = Double(text), value >= 0, value.isFinite else {
                    throw fail("\(column) is `\(text)`", "write a number that is not negative")
                }
                return value
            }
            let id = field("id") ?? ""
            guard !id.isEmpty else { throw fail("an empty id", "name the function in column `id`") }
            guard result[id] == nil else {
                throw fail("function `\(id)` stands in an earlier line already", "keep one of them")
            }
            var known: [(Double, Double)] = []
            for quantile in quantiles {
                if let value = try number(quantile.column) { known.append((quantile.probability, value)) }
            }
            let average = try number("avg_ms")
            let durations: DurationDistribution
            if let first = known.first, let last = known.last, known.count > 1 {
                if first.0 > 0 { known.insert((0, first.1), at: 0) }
                if last.0 < 1 { known.append((1, last.1)) }
                durations = DurationDistribution(
                    quantiles: known.map { (probability: $0.0, milliseconds: $0.1) },
                    mean: average
                )
            } else {
                durations = DurationDistribution(constant: known.first?.1 ?? average ?? 0)
            }
            result[id] = FunctionTrace(
                id: id,
                trigger: field("trigger") ?? "",
                perMinute: [],
                durations: durations,
                memory: try number("mem_mb") ?? 0
            )
        }
        return result
    }

    /// Lines that are not empty, with their numbers from 1.
    static func lines(of bytes: [UInt8]) -> [(number: Int, line: ArraySlice<UInt8>)] {
        var result: [(Int, ArraySlice<UInt8>)] = []
        var number = 0
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            if !line.isEmpty { result.append((number, line)) }
        }
        return result
    }

    static func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

    /// The number that decimal digits make, and nothing for anything else.
    static func integer(_ bytes: ArraySlice<UInt8>) -> Int64? {
        guard !bytes.isEmpty, bytes.count <= 12 else { return nil }
        var value: Int64 = 0
        for byte in bytes {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            value = value * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        return value
    }
}
