package import JSON
package import Scaling
package import Time

extension Explanation {
    /// The explanation as `/api/pools/NAME` gives it; times are seconds from now.
    package func json(function: String, now instant: Instant) -> JSONValue {
        [
            "function": .string(function),
            "policy": .string(policy),
            "limits": [
                "min": .int(limits.min),
                "max": .int(limits.max),
                "idleSeconds": limits.idle.map { .double($0.inSeconds) } ?? .null,
            ],
            "schedule": [
                "min": .int(scheduledMin),
                "next": nextFloor.map {
                    ["min": .int($0.min), "inSeconds": .double(($0.at - instant).inSeconds)]
                } ?? .null,
            ],
            "concurrency": .int(concurrency),
            "startSeconds": .double(startTime.inSeconds),
            "now": now.json,
            "wanted": .int(decision.wanted),
            "reason": .string("\(decision.reason)"),
            "label": .string(decision.reason.label),
            "planned": planned.map {
                [
                    "wanted": .int($0.wanted), "inSeconds": .double(($0.at - instant).inSeconds),
                    "reason": $0.reason.map { .string("\($0)") } ?? .null,
                ]
            } ?? .null,
            "history": .array(
                history.map { record in
                    [
                        "secondsAgo": .double((instant - record.at).inSeconds),
                        "before": .int(record.before),
                        "wanted": .int(record.wanted),
                        "reason": .string("\(record.reason)"),
                        "label": .string(record.reason.label),
                        "inputs": record.inputs.json,
                    ]
                }
            ),
        ]
    }
}

extension PoolView {
    fileprivate var json: JSONValue {
        [
            "inFlight": .int(inFlight),
            "queued": .int(queued),
            "freeSlots": .int(freeSlots),
            "ready": .int(ready),
            "starting": .int(starting),
            "draining": .int(draining),
        ]
    }
}
