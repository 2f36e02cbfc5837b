import Scaling
import Time

/// Workers over time against load, for a few functions.
struct WorkersCharts {
    private static let colors = [
        "#0a8f76", "#c2571a", "#3b63b8", "#a33ea1", "#8a6d1d", "#4d7f17", "#b3324a", "#3a8aa8",
    ]
    /// Functions drawn where none is named.
    private static let drawn = 4

    private struct Chart {
        var id: String
        var why: String
        var load: [Double]
        var workers: [[Double]]
    }

    private let policies: [SimulatedPolicy]
    private let shown: Set<Int>
    private let charts: [Chart]
    private let minutes: Range<Int>

    /// Replays the chosen functions once more, this time keeping workers and load minute by minute.
    init(_ plan: SimulationPlan, _ results: [PolicyResult], recommended: String?) async throws {
        // The oracle has no workers of its own: its bound is an account.
        let policies = plan.policies.filter { $0.kind != .oracle }
        let first = policies.firstIndex { $0.name == recommended } ?? 0
        let other =
            policies.indices.first { $0 != first && policies[$0].name.hasPrefix("concurrency") }
            ?? policies.indices.first { $0 != first }
        shown = Set([first] + (other.map { [$0] } ?? []))
        self.policies = policies
        minutes = plan.minutes
        let chosen = Self.chosen(plan, results)
        var parameters = plan.parameters
        parameters.keepsTimeline = true
        let minutes = minutes
        var charts: [Chart?] = Array(repeating: nil, count: chosen.count)
        try await withThrowingTaskGroup(of: (Int, Chart).self) { [parameters] group in
            for (order, choice) in chosen.enumerated() {
                group.addTask {
                    let trace = plan.traces[choice.index]
                    var chart = Chart(id: trace.id, why: choice.why, load: [], workers: [])
                    for policy in policies {
                        let outcome = try SimulationRun.run(
                            trace,
                            index: choice.index,
                            policy: policy,
                            parameters: parameters
                        )
                        guard let timeline = outcome.timeline else { continue }
                        chart.workers.append(Array(timeline.workers[minutes]))
                        // The least of all: where nobody waits, what is in flight is what runs.
                        let load = timeline.inFlight[minutes].map { $0 / Double(parameters.concurrency) }
                        chart.load = chart.load.isEmpty ? load : zip(chart.load, load).map { Swift.min($0, $1) }
                    }
                    return (order, chart)
                }
            }
            for try await (order, chart) in group { charts[order] = chart }
        }
        self.charts = charts.compactMap { $0 }
    }

    /// The functions to draw: those named, else the busiest, the one with most waits, those the policies differ on.
    private static func chosen(_ plan: SimulationPlan, _ results: [PolicyResult]) -> [(index: Int, why: String)] {
        if !plan.charts.isEmpty {
            return plan.charts.compactMap { id in
                plan.traces.firstIndex { $0.id == id }.map { ($0, plan.traces[$0].trigger) }
            }
        }
        var chosen: [(index: Int, why: String)] = []
        func add(_ why: String, by value: (Int) -> Double) {
            let rest = plan.traces.indices.filter { index in !chosen.contains { $0.index == index } }
            guard chosen.count < drawn, let best = rest.max(by: { value($0) < value($1) }), value(best) > 0 else {
                return
            }
            chosen.append((best, why))
        }
        let real = results.filter { $0.policy != SimulatedPolicy.oracle.name }
        add("the busiest function") { index in Double(real.first?.functions[index].requests ?? 0) }
        add("the most cold requests over all policies") { index in
            real.reduce(0) { $0 + Double($1.functions[index].cold) }
        }
        let scalers = real.filter { $0.policy != SimulatedPolicy.alwaysOn.name }
        func spread(_ index: Int) -> Double {
            let costs = scalers.map { $0.functions[index].workerSeconds }
            return (costs.max() ?? 0) - (costs.min() ?? 0)
        }
        add("the policies' costs differ most here", by: spread)
        add("cold requests by the most policies, for its size") { index in
            let requests = Double(real.first?.functions[index].requests ?? 0)
            guard requests >= 20 else { return 0 }
            return scalers.reduce(0) { $0 + Double($1.functions[index].cold) / requests }
        }
        return chosen
    }

    /// Shows and hides a policy's lines by its box in the legend.
    var style: String {
        policies.indices.map { index in
            ".s\(index){stroke:\(color(index))}.legend i.c\(index){background:\(color(index))}"
                + "body:has(#show-\(index):not(:checked)) .s\(index){display:none}\n"
        }.joined()
    }

    var section: String {
        guard !charts.isEmpty else { return "" }
        var text = "<section>\n<h2>Workers over time against load</h2>\n"
        text +=
            "<p>The area is the load, in workers that would be full with it; the lines are the workers there are.</p>\n"
        text += "<fieldset class=\"legend\"><label><i class=\"load\"></i>load</label>\n"
        for (index, policy) in policies.enumerated() {
            text +=
                "<label><input type=\"checkbox\" id=\"show-\(index)\"\(shown.contains(index) ? " checked" : "")>"
                + "<i class=\"c\(index)\"></i>\(Markup.escaped(policy.name))</label>\n"
        }
        text += "</fieldset>\n"
        for chart in charts {
            text +=
                "<figure><h3>\(Markup.escaped(chart.id))</h3>"
                + (chart.why.isEmpty ? "" : "<p class=\"why\">\(Markup.escaped(chart.why))</p>") + "\n"
            text += drawing(chart, width: 760, height: 190, font: 12, class: "broad") + "\n"
            text += drawing(chart, width: 380, height: 170, font: 12, class: "narrow") + "\n</figure>\n"
        }
        return text + "</section>"
    }

    private func color(_ index: Int) -> String { Self.colors[index % Self.colors.count] }

    private func drawing(_ chart: Chart, width: Double, height: Double, font: Double, class name: String) -> String {
        let (left, right, top, bottom) = (34.0, width - 8, 8.0, height - 22)
        let most = Swift.max(1, chart.workers.compactMap { $0.max() }.max() ?? 1, chart.load.max() ?? 1)
        let points = Swift.min(minutes.count, Int(width / 2))
        func x(_ part: Double) -> Double { left + part * (right - left) }
        func y(_ workers: Double) -> Double { bottom - workers / most * (bottom - top) }
        func line(_ values: [Double]) -> String {
            var text = ""
            for point in 0..<points {
                let from = point * values.count / points
                let to = Swift.max(from + 1, (point + 1) * values.count / points)
                let mean = values[from..<to].reduce(0, +) / Double(to - from)
                let at = x((Double(point) + 0.5) / Double(points))
                text += (text.isEmpty ? "M" : "L") + "\(Markup.number(at)) \(Markup.number(y(mean)))"
            }
            return text
        }
        var text =
            "<svg class=\"\(name)\" viewBox=\"0 0 \(Int(width)) \(Int(height))\" role=\"img\" font-size=\"\(Int(font))\" "
            + "aria-label=\"Workers of \(Markup.escaped(chart.id)) over time\">\n"
        for tick in Self.ticks(most) {
            let at = Markup.number(y(tick))
            text += "<path class=\"axis\" d=\"M\(Markup.number(left)) \(at)H\(Markup.number(right))\"/>"
            text +=
                "<text class=\"mark\" x=\"\(Markup.number(left - 5))\" y=\"\(Markup.number(y(tick) + font / 3))\" "
                + "text-anchor=\"end\">\(Markup.tick(tick))</text>\n"
        }
        for (minute, label) in hours(most: width / 70) {
            let at = x(Double(minute) / Double(minutes.count))
            text +=
                "<text class=\"mark\" x=\"\(Markup.number(at))\" y=\"\(Markup.number(height - 6))\" "
                + "text-anchor=\"\(minute == 0 ? "start" : "middle")\">\(label)</text>\n"
        }
        let area = line(chart.load)
        if !area.isEmpty {
            text +=
                "<path class=\"load\" d=\"\(area)L\(Markup.number(right)) \(Markup.number(bottom))"
                + "L\(Markup.number(left)) \(Markup.number(bottom))Z\"/>\n"
        }
        for (index, workers) in chart.workers.enumerated() {
            text +=
                "<path class=\"series s\(index)\" d=\"\(line(workers))\"><title>"
                + "\(Markup.escaped(policies[index].name))</title></path>\n"
        }
        return text + "</svg>"
    }

    private static func ticks(_ most: Double) -> [Double] {
        var step = 1.0
        var factors = [2.0, 2.5, 2].makeIterator()
        while most / step > 4 {
            if let factor = factors.next() {
                step *= factor
            } else {
                factors = [2.0, 2.5, 2].makeIterator()
            }
        }
        return Array(stride(from: 0, through: most, by: step))
    }

    /// Marks of time within what is shown, at most so many.
    private func hours(most: Double) -> [(minute: Int, label: String)] {
        let steps = [1, 5, 10, 30, 60, 120, 240, 720, 1440, 10_080, 43_200]
        let step = steps.first { Double(minutes.count) / Double($0) <= most } ?? 525_600
        return stride(from: 0, to: minutes.count, by: step).map { minute in
            let label =
                step >= 1440
                ? "day \(minute / 1440)" : step >= 60 ? "\(minute / 60) h" : "\(minute) min"
            return (minute, label)
        }
    }
}
