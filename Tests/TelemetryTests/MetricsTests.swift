import Telemetry
import Testing

@Suite struct MetricsTests {
    private func render(_ registry: MetricsRegistry) -> String {
        var text = PrometheusText()
        registry.render(into: &text)
        return String(decoding: text.bytes, as: UTF8.self)
    }

    @Test func aRegistryIsWrittenAsText() throws {
        let registry = MetricsRegistry()
        let labels = [("function", "list"), ("code", "200")]
        let counter = try registry.counter("shopfn_requests_total", help: "Requests answered.", labels)
        counter.add()
        counter.add(2)
        let again = try registry.counter("shopfn_requests_total", help: "Requests answered.", labels)
        #expect(again === counter)
        try registry.gauge("shopfn_queued", help: "Requests waiting.").set(1.5)
        let histogram = try registry.histogram("shopfn_duration_seconds", help: "Time.", bounds: [0.1, 1])
        for value in [0.05, 0.1, 0.5, 7, -1, .nan] { histogram.observe(value) }
        histogram.observe(Duration.milliseconds(250))
        #expect(
            render(registry) == """
                # HELP shopfn_requests_total Requests answered.
                # TYPE shopfn_requests_total counter
                shopfn_requests_total{function="list",code="200"} 3
                # HELP shopfn_queued Requests waiting.
                # TYPE shopfn_queued gauge
                shopfn_queued 1.5
                # HELP shopfn_duration_seconds Time.
                # TYPE shopfn_duration_seconds histogram
                shopfn_duration_seconds_bucket{le="0.1"} 4
                shopfn_duration_seconds_bucket{le="1.0"} 6
                shopfn_duration_seconds_bucket{le="+Inf"} 7
                shopfn_duration_seconds_sum 7.9
                shopfn_duration_seconds_count 7

                """
        )
    }

    @Test func whatPeopleWriteIsEscaped() throws {
        let registry = MetricsRegistry()
        let route = "GET /a\\b\"c\nd/é"
        try registry.counter("c_total", help: "A \\ and\na line.", [("route", route)]).add()
        #expect(
            render(registry) == """
                # HELP c_total A \\\\ and\\na line.
                # TYPE c_total counter
                c_total{route="GET /a\\\\b\\"c\\nd/é"} 1

                """
        )
    }

    @Test func misuseIsSaid() throws {
        let registry = MetricsRegistry()
        _ = try registry.counter("a_total", help: "")
        #expect(throws: MetricsRegistry.Misuse.self) { try registry.gauge("a_total", help: "") }
        #expect(throws: MetricsRegistry.Misuse.self) { try registry.counter("1a", help: "") }
        #expect(throws: MetricsRegistry.Misuse.self) { try registry.counter("a b", help: "") }
        #expect(throws: MetricsRegistry.Misuse.self) { try registry.counter("b", help: "", [("x:y", "1")]) }
    }

    @Test func seriesOfARouteThatIsGoneAreTakenOut() throws {
        let registry = MetricsRegistry()
        try registry.counter("a_total", help: "", [("route", "/x")]).add()
        try registry.counter("a_total", help: "", [("route", "/y")]).add()
        registry.removeSeries(where: "route", is: "/x")
        #expect(!render(registry).contains("/x"))
        #expect(render(registry).contains("/y"))
        registry.removeSeries(where: "route", is: "/y")
        #expect(render(registry).isEmpty)
    }

    @Test func threadsCountTogether() async throws {
        let registry = MetricsRegistry()
        let counter = try registry.counter("n_total", help: "")
        let histogram = try registry.histogram("h", help: "", bounds: [1])
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<10_000 {
                        counter.add()
                        histogram.observe(0.5)
                    }
                }
            }
        }
        #expect(counter.value == 40_000)
        #expect(histogram.snapshot.counts == [40_000, 0])
        #expect(histogram.snapshot.sum == 20_000)
    }
}
