import WorkerProtocol

/// The one line of JSON that `--describe` prints.
enum ModuleDescription {
    static func json(_ module: Module) -> String {
        let handlers = module.handlers.map { quoted($0.name) }.joined(separator: ",")
        return "{\"module\":\(quoted(module.name)),\"protocol\":\(ProtocolLimits.version),\"handlers\":[\(handlers)]}"
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case _ where scalar.value < 0x20:
                let hex = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
