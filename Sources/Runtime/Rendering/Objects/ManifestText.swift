import JSON
package import Manifest
import Routing
import Time

/// The manifest as gateways and scalers read it: everything said, nothing left to be resolved.
///
/// Variables of workers are left out: they may be secrets, and stand in the workers' own objects.
package enum ManifestText {
    /// The manifest as YAML; reading it gives the same functions, without their environment.
    package static func text(_ manifest: Manifest) -> String {
        var functions = JSONObject()
        for function in manifest.functions { functions[function.name] = json(function) }
        return YAMLWriter.text(
            ["version": .int(Manifest.version), "service": text(manifest.service), "functions": .object(functions)]
        )
    }

    private static func json(_ function: FunctionDeclaration) -> JSONValue {
        var object = JSONObject([("module", text(function.module)), ("handler", text(function.handler))])
        switch function.trigger {
        case .http(let route): object["route"] = text(route.description)
        case .schedule(.every(let interval)): object["schedule"] = .string("every \(DurationText.text(interval))")
        case .schedule(.cron(let expression, let zone)):
            object["schedule"] = ["cron": text(expression.text), "timezone": text(zone)]
        }
        object["timeout"] = .string(DurationText.text(function.timeout))
        object["concurrency"] = .int(function.concurrency)
        object["memory"] = .string(SizeText.text(function.memory))
        object["queue"] = .int(function.queue)
        object["maxBody"] = .string(SizeText.text(function.maxBody))
        object["retry"] = .string(function.retry.rawValue)
        object["scale"] = json(function.scale)
        return .object(object)
    }

    private static func json(_ scale: ScaleDeclaration) -> JSONValue {
        var object = JSONObject([("min", .int(scale.min)), ("max", .int(scale.max))])
        if let idle = scale.idle { object["idle"] = .string(DurationText.text(idle)) }
        object["policy"] = text(scale.policy.name)
        for parameter in scale.policy.parameters {
            switch parameter.value {
            case .number(let number): object[parameter.key] = Int(exactly: number).map { .int($0) } ?? .double(number)
            case .duration(let duration): object[parameter.key] = .string(DurationText.text(duration))
            case .word(let word): object[parameter.key] = text(word)
            }
        }
        if !scale.windows.isEmpty {
            object["schedule"] = .array(
                scale.windows.map { window in
                    [
                        "start": text(window.start.text), "end": text(window.end.text),
                        "timezone": text(window.timeZone), "min": .int(window.min),
                    ]
                }
            )
        }
        return .object(object)
    }

    /// A dollar sign begins a variable where manifests are read.
    private static func text(_ text: String) -> JSONValue {
        .string(text.split(separator: "$", omittingEmptySubsequences: false).joined(separator: "$$"))
    }
}
