import Glibc
import JSON
import Testing

/// The admin port: health, pools, metrics.
@Suite(.blocking, .timeLimit(.minutes(15)))
struct AdminTests {
    private let manifest = ProbeManifest(
        .init("hello", "Hello", "GET /hello"),
        .init("crash", "Crash", "POST /crash"),
        .init("sleep", "Sleep", "GET /sleep/{a}", "timeout: 200ms")
    )

    @Test func healthIsToldAndTheRestIsNot() throws {
        let shop = try Shop(manifest)
        #expect(try shop.admin("/livez").status == 200)
        #expect(try shop.admin("/readyz").status == 200)
        #expect(try shop.admin("/nowhere").status == 404)
        #expect(try shop.admin("/api/pools/hello").json["function"]?.stringValue == "hello")
        #expect(try shop.admin("/api/pools/nowhere").status == 404)
        // Nothing of it is on the shop's own port.
        for path in ["/livez", "/readyz", "/metrics", "/api/pools"] { #expect(try shop.get(path).status == 404) }
        let post = try Connection(port: shop.adminPort)
        post.send("POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
        #expect(try post.reply().status == 405)
        #expect(try shop.stop() == .code(0))
    }

    @Test func anAdminConnectionIsKeptAndBadInputDoesNoHarm() throws {
        let shop = try Shop(manifest)
        let connection = try Connection(port: shop.adminPort)
        for _ in 0..<5 {
            connection.send(Shop.bytes("GET", "/livez"))
            #expect(try connection.reply().text == "ok\n")
        }
        for request in HostileRequest.smuggling + HostileRequest.requestLines + HostileRequest.fields {
            let connection = try Connection(port: shop.adminPort)
            connection.send(request.bytes)
            let outcome = connection.outcome(within: .seconds(20))
            #expect(outcome.replies.allSatisfy { $0.status >= 400 }, "\(request.name)")
        }
        #expect(try shop.admin("/livez").status == 200)
        #expect(try shop.stop() == .code(0))
    }

    @Test func metricsAreWellFormed() throws {
        let shop = try Shop(manifest)
        _ = try shop.get("/hello")
        _ = try shop.get("/nowhere")
        _ = try shop.get("/hello", ["X A: b"])
        _ = try shop.request("POST", "/crash", body: [1])
        _ = try shop.get("/sleep/a?ms=5000")
        let reply = try shop.admin("/metrics")
        #expect(reply["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
        #expect(MetricsCheck.mistakes(in: reply.text) == [])
        let contract = [
            "shopfn_requests_total", "shopfn_request_duration_seconds", "shopfn_queue_duration_seconds",
            "shopfn_cold_starts_total", "shopfn_cold_start_duration_seconds", "shopfn_workers", "shopfn_slots",
            "shopfn_queued", "shopfn_scale_decisions_total", "shopfn_worker_seconds_total",
        ]
        for name in contract { #expect(reply.text.contains("# TYPE \(name) "), "\(name)") }
        #expect(reply.text.contains("shopfn_requests_total{function=\"hello\",route=\"GET /hello\",code=\"200\"} 1\n"))
        #expect(try shop.metric("shopfn_request_duration_seconds_count", "function=\"sleep\"") == 1)
        #expect(try shop.stop() == .code(0))

        guard let promtool = Programs.installed("promtool") else { return }
        let folder = try TemporaryFolder()
        try Files.replace(folder("metrics"), reply.text)
        let check = try ChildProcess(promtool, ["check", "metrics"], input: folder("metrics"))
        #expect(try check.end(within: .seconds(60)) == .code(0), "\(check.text) \(check.errorText)")
    }
}

/// A strict reader of Prometheus' text format, version 0.0.4.
enum MetricsCheck {
    /// What is wrong with a text, line by line.
    static func mistakes(in text: String) -> [String] {
        var mistakes: [String] = []
        var types: [String: String] = [:]
        var helped: Set<String> = []
        var seen: Set<String> = []
        var buckets: [String: (last: Double, bound: Double)] = [:]
        var current = ""
        if !text.hasSuffix("\n") { mistakes.append("no line break at the end") }
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 3).map(String.init)
            if line.hasPrefix("# HELP ") {
                if words.count < 4 || !helped.insert(words[2]).inserted { mistakes.append(String(line)) }
                continue
            }
            if line.hasPrefix("# TYPE ") {
                let known = ["counter", "gauge", "histogram"]
                if words.count != 4 || types[words[2]] != nil || !known.contains(words[3]) || !helped.contains(words[2])
                {
                    mistakes.append(String(line))
                } else {
                    types[words[2]] = words[3]
                    current = words[2]
                }
                continue
            }
            guard let sample = Sample(line), Double(sample.value) != nil || sample.value == "+Inf" else {
                mistakes.append(String(line))
                continue
            }
            if !seen.insert(sample.name + sample.labels.description).inserted { mistakes.append("twice: \(line)") }
            let isHistogram = types[current] == "histogram"
            let names = isHistogram ? ["_bucket", "_sum", "_count"].map { current + $0 } : [current]
            if !names.contains(sample.name) { mistakes.append("not under its type: \(line)") }
            if types[current] == "counter", !current.hasSuffix("_total") { mistakes.append("no _total: \(line)") }
            guard isHistogram else { continue }
            let rest = sample.labels.filter { $0.0 != "le" }.description
            let value = Double(sample.value) ?? 0
            if sample.name.hasSuffix("_bucket") {
                let bound = sample.labels.first { $0.0 == "le" }.flatMap { $0.1 == "+Inf" ? .infinity : Double($0.1) }
                let before = buckets[rest + current] ?? (0, -.infinity)
                guard let bound, bound > before.bound, value >= before.last else {
                    mistakes.append("out of order: \(line)")
                    continue
                }
                buckets[rest + current] = (value, bound)
            } else if sample.name.hasSuffix("_count") {
                let last = buckets[rest + current]
                if last?.bound != .infinity || last?.last != value { mistakes.append("not the last bucket's: \(line)") }
            }
        }
        return mistakes
    }

    private struct Sample {
        var name: String
        var labels: [(String, String)] = []
        var value: String

        /// `name{label="value",…} number`.
        init?(_ line: Substring) {
            guard let open = line.firstIndex(of: "{"), let space = line.lastIndex(of: " "),
                line[..<space].hasSuffix("}")
            else { return nil }
            name = String(line[..<open])
            value = String(line[line.index(after: space)...])
            let letters = { (text: String) in
                !text.isEmpty && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
            }
            guard letters(name) else { return nil }
            var rest = line[line.index(after: open)..<line.index(before: space)]
            while !rest.isEmpty {
                guard let equals = rest.firstIndex(of: "="), letters(String(rest[..<equals])) else { return nil }
                let label = String(rest[..<equals])
                rest = rest[rest.index(after: equals)...]
                guard rest.popFirst() == "\"" else { return nil }
                var text = ""
                while let character = rest.popFirst(), character != "\"" {
                    guard character == "\\" else {
                        text.append(character)
                        continue
                    }
                    guard let escaped = rest.popFirst(), "\\\"n".contains(escaped) else { return nil }
                    text.append(escaped)
                }
                labels.append((label, text))
                if rest.first == "," { rest = rest.dropFirst() }
            }
        }
    }
}
