import JSON
import Scaling

/// A scaler's explanation as people read it.
struct ExplanationText {
    private let document: JSONValue

    init(_ document: JSONValue) {
        self.document = document
    }

    var text: String {
        let name = document["function"]?.stringValue ?? ""
        var text = "\(name): \(workers(document["wanted"])) wanted: \(word(document["reason"]))\n\n"
        for (label, value) in facts { text += "  \(label)\(String(repeating: " ", count: 10 - label.count))\(value)\n" }
        let history = document["history"]?.arrayValue ?? []
        if history.isEmpty { return text }
        var table = Table("WHEN", "WORKERS", "IN FLIGHT", "QUEUED", "READY", "STARTING", "REASON")
        for decision in history.reversed() {
            let inputs = decision["inputs"] ?? .null
            table.add(
                "\(duration(decision["secondsAgo"])) ago",
                "\(number(decision["before"])) → \(number(decision["wanted"]))",
                number(inputs["inFlight"]),
                number(inputs["queued"]),
                number(inputs["ready"]),
                number(inputs["starting"]),
                word(decision["reason"])
            )
        }
        return text + "\n\(table.text)"
    }

    private var facts: [(label: String, value: String)] {
        let limits = document["limits"] ?? .null
        let now = document["now"] ?? .null
        var policy = "\(word(document["policy"])), \(number(limits["min"])) to \(workers(limits["max"])) of "
        policy += document["concurrency"]?.intValue == 1 ? "1 slot" : "\(number(document["concurrency"])) slots"
        if let idle = limits["idleSeconds"]?.doubleValue { policy += ", idle for \(duration(idle)) at most" }
        var facts = [
            ("policy", policy),
            (
                "demand",
                "\(number(now["inFlight"])) in flight, \(number(now["queued"])) of them queued; "
                    + "\(number(now["freeSlots"])) slots free"
            ),
            (
                "workers",
                "\(number(now["ready"])) ready, \(number(now["starting"])) starting, "
                    + "\(number(now["draining"])) leaving; one takes \(duration(document["startSeconds"])) to start"
            ),
        ]
        if let schedule { facts.append(("schedule", schedule)) }
        // What an autoscaler or gateway of a cluster knows beside.
        if let replicas = document["replicas"]?.intValue {
            facts.append(("cluster", "\(number(.int(replicas))) asked for, \(number(document["pods"])) pods"))
        }
        let failure = document["failure"]?["message"]?.stringValue ?? document["failure"]?.stringValue
        if let failure { facts.append(("failing", failure)) }
        if let held = document["held"]?.stringValue { facts.append(("held", held)) }
        facts.append(("next", next))
        return facts
    }

    private var schedule: String? {
        guard let schedule = document["schedule"] else { return nil }
        let least = schedule["min"]?.intValue ?? 0
        let coming = schedule["next"].flatMap { step in
            step["min"]?.intValue.map { min in
                "\(min == 0 ? "none" : "\(workers(step["min"])) at least") in \(duration(step["inSeconds"]))"
            }
        }
        guard least > 0 || coming != nil else { return nil }
        let current = least > 0 ? "keeps \(workers(schedule["min"]))" : "keeps none now"
        return coming.map { "\(current), \($0)" } ?? current
    }

    private var next: String {
        guard let planned = document["planned"], let wanted = planned["wanted"] else {
            return "no change unless demand changes"
        }
        let reason = planned["reason"]?.stringValue.map { ": \($0)" } ?? ""
        return "\(workers(wanted)) in \(duration(planned["inSeconds"])) if demand stays as it is\(reason)"
    }

    // MARK: Words

    private func word(_ value: JSONValue?) -> String { value?.stringValue ?? "?" }

    private func number(_ value: JSONValue?) -> String { value?.intValue.map(String.init) ?? "?" }

    private func workers(_ value: JSONValue?) -> String {
        value?.intValue == 1 ? "1 worker" : "\(number(value)) workers"
    }

    private func duration(_ value: JSONValue?) -> String { value?.doubleValue.map(duration) ?? "?" }

    private func duration(_ seconds: Double) -> String { readable(.seconds(max(0, seconds))) }
}
