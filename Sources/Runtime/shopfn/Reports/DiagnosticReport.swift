import JSON
import Manifest

/// Diagnostics as JSON.
enum DiagnosticReport {
    static func json(_ diagnostics: [Diagnostic], file: String) -> JSONValue {
        .array(
            diagnostics.map { diagnostic in
                var object = place(diagnostic.position, file: file)
                object["code"] = .string(diagnostic.code.rawValue)
                object["message"] = .string(diagnostic.message)
                object["fix"] = .string(diagnostic.fix)
                object["related"] = .array(
                    diagnostic.related.map { related in
                        var object = place(related.position, file: file)
                        object["message"] = .string(related.message)
                        return .object(object)
                    }
                )
                return .object(object)
            }
        )
    }

    private static func place(_ position: SourcePosition, file: String) -> JSONObject {
        JSONObject([
            ("file", .string(file)), ("line", .int(position.line)), ("column", .int(position.column)),
            ("endColumn", .int(position.column + position.length)),
        ])
    }
}
