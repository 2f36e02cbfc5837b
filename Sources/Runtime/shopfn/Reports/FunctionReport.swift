import JSON
import Manifest
import Routing

/// A function of the manifest, as `shopfn list` shows it.
enum FunctionReport {
    static func json(_ function: FunctionDeclaration) -> JSONValue {
        var object = JSONObject([
            ("name", .string(function.name)), ("module", .string(function.module)),
            ("handler", .string(function.handler)),
        ])
        switch function.trigger {
        case .http(let route): object["route"] = .string(route.description)
        case .schedule(let schedule): object["schedule"] = .string(schedule.text)
        }
        object["timeoutMs"] = .int(milliseconds(function.timeout))
        object["concurrency"] = .int(function.concurrency)
        object["memoryBytes"] = .int(function.memory)
        object["queue"] = .int(function.queue)
        object["maxBodyBytes"] = .int(function.maxBody)
        object["retry"] = .string(function.retry.rawValue)
        // Names only: values may be secrets, and lists end in logs.
        object["environment"] = .array(function.environment.map { .string($0.name) })
        object["scale"] = scale(function.scale)
        return .object(object)
    }

    static func trigger(_ function: FunctionDeclaration) -> String {
        switch function.trigger {
        case .http(let route): route.description
        case .schedule(let schedule): schedule.text
        }
    }

    private static func scale(_ scale: ScaleDeclaration) -> JSONValue {
        let windows = scale.windows.map { window in
            JSONValue.object(
                JSONObject([
                    ("start", .string(window.start.text)), ("end", .string(window.end.text)),
                    ("timezone", .string(window.timeZone)), ("min", .int(window.min)),
                ])
            )
        }
        return .object(
            JSONObject([
                ("min", .int(scale.min)), ("max", .int(scale.max)),
                ("idleMs", scale.idle.map { .int(milliseconds($0)) } ?? .null),
                ("policy", .string(scale.policy.specification)), ("schedule", .array(windows)),
            ])
        )
    }

    private static func milliseconds(_ duration: Duration) -> Int {
        Int(duration.components.seconds) * 1_000 + Int(duration.components.attoseconds / 1_000_000_000_000_000)
    }
}
