import Scaling
import Time

/// The result as one page that needs no network and no script.
enum SimulationPage {
    static func text(_ plan: SimulationPlan, _ results: [PolicyResult]) async throws -> String {
        let advice = SimulationAdvice(plan, results)
        let points = results.map { result in
            CostWaitingPlot.Point(
                policy: result.policy,
                cost: SimulationAdvice.workerHoursADay(plan, result),
                coldPercent: result.coldPercent,
                kind: kind(result, advice)
            )
        }
        let charts = try await WorkersCharts(plan, results, recommended: advice.recommended?.policy)
        let sentences = advice.sentences.map(Markup.withCode)
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <meta name="color-scheme" content="light dark">
            <title>\(Markup.escaped(plan.set)): scaling policies compared</title>
            <style>
            \(PageStyle.text)\(charts.style)</style>
            </head>
            <body>
            <header>
            <h1>Scaling policies on \(Markup.escaped(plan.set))</h1>
            <p>\(Markup.escaped(SimulationTable.heading(plan, results)))</p>
            </header>
            <main>
            <section class="advice">
            <h2>What to choose</h2>
            <p class="first">\(sentences.first ?? "")</p>
            <p>\(sentences.dropFirst().joined(separator: " "))</p>
            </section>
            <section>
            <h2>Cost against waiting</h2>
            <p>Each point is a policy: further left costs less, further down fewer requests wait. Both scales are \
            logarithmic. The line joins the policies than which none of the others is better in both.</p>
            \(CostWaitingPlot(points).figure)
            </section>
            \(charts.section)
            <section>
            <h2>All figures</h2>
            \(SimulationPageTable.text(plan, results))
            </section>
            <section>
            <h2>How to read this</h2>
            \(notes(plan))
            </section>
            </main>
            </body>
            </html>

            """
    }

    private static func kind(_ result: PolicyResult, _ advice: SimulationAdvice) -> CostWaitingPlot.Kind {
        if result.policy == advice.recommended?.policy { return .recommended }
        if result.policy == SimulatedPolicy.oracle.name || result.policy == SimulatedPolicy.alwaysOn.name {
            return .end
        }
        return result.policy.hasPrefix("adaptive") ? .adaptive : .other
    }

    private static func notes(_ plan: SimulationPlan) -> String {
        let placement =
            plan.parameters.placement == .poisson
            ? "it is drawn at random (seed \(plan.parameters.seed))" : "requests are spread evenly"
        return """
            <ul>
            <li>A request is cold if it waits at least 100 ms for a slot; after 60 s it is given up and counts as
            failed.</li>
            <li>Worker-seconds run from asking for a worker until it is gone, its start included.</li>
            <li>The traffic is recorded minute by minute. Where in its minute a request falls is not: \(placement).
            Durations are drawn from each function's recorded distribution.</li>
            <li>“By function” averages each function's own share of cold requests, so that one busy function does not
            hide the others.</li>
            <li>The oracle knows every request beforehand: nothing can cost less without a wait. Always-on keeps one
            worker for each function and scales above it by averages.</li>
            <li>Cost is worker-seconds × memory × \(plan.price) a GB-hour; a worker whose memory is not recorded counts
            with \(Int(PolicyResult.memoryWhereUnknown)) MB.</li>
            </ul>
            """
    }
}

/// The figures as a table.
enum SimulationPageTable {
    static func text(_ plan: SimulationPlan, _ results: [PolicyResult]) -> String {
        let headings = [
            "policy", "cold", "cold %", "by function %", "mean wait ms", "99 % ms", "99.9 % ms", "failed",
            "worker-seconds", "idle", "starts", "cost",
        ]
        var text = "<div class=\"wide\"><table><thead><tr>"
        for heading in headings { text += "<th scope=\"col\">\(heading)</th>" }
        text += "</tr></thead>\n<tbody>\n"
        for result in results {
            let outcome = result.outcome
            let cells = [
                SimulationTable.grouped(outcome.cold),
                SimulationTable.decimal(result.coldPercent, 3),
                SimulationTable.decimal(result.coldPercentOverFunctions, 2),
                SimulationTable.decimal(outcome.waits.mean / 1e6, 2),
                SimulationTable.decimal(outcome.waits.quantile(0.99) / 1e6, 0),
                SimulationTable.decimal(outcome.waits.quantile(0.999) / 1e6, 0),
                SimulationTable.grouped(outcome.failed),
                SimulationTable.grouped(Int(outcome.workerSeconds.rounded())),
                SimulationTable.grouped(Int(outcome.idleWorkerSeconds.rounded())),
                SimulationTable.grouped(outcome.starts),
                SimulationTable.decimal(result.costEstimate(pricePerGigabyteHour: plan.price), 2),
            ]
            text += "<tr><th scope=\"row\">\(Markup.escaped(result.policy))</th>"
            for cell in cells { text += "<td>\(cell)</td>" }
            text += "</tr>\n"
        }
        return text + "</tbody></table></div>"
    }
}
