import JSON

/// Why a command could not do what it was asked, and how to mend that.
struct CommandFailure: Error {
    var status: ExitStatus
    /// A stable word for programs, such as `manifest-not-found`.
    var code: String
    /// One sentence without its full stop.
    var message: String
    /// One sentence without its full stop.
    var fix: String
    /// Members for `--output json` beside the error; must not be named `error`.
    var details: JSONObject
    /// Whether the result was already shown in JSON, so that standard output stays one document.
    var isShown = false

    init(
        _ status: ExitStatus,
        code: String,
        _ message: String,
        fix: String,
        details: JSONObject = JSONObject()
    ) {
        self.status = status
        self.code = code
        self.message = message
        self.fix = fix
        self.details = details
    }

    /// One line on standard error; with `--output json` also an object on standard output.
    func show(format: OutputFormat) {
        let line = "shopfn: \(message); \(fix)".split(whereSeparator: \.isNewline).joined(separator: " ")
        Terminal.writeError(line + "\n")
        guard format == .json else { return }
        var object = details
        object["error"] = .object(
            JSONObject([
                ("code", .string(code)), ("message", .string(message)), ("fix", .string(fix)),
                ("exitCode", .int(Int(status.rawValue))),
            ])
        )
        Terminal.write(json: .object(object))
    }
}
