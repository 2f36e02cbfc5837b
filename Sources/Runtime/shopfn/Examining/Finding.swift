import JSON

/// What `shopfn doctor` found out about one thing.
struct Finding {
    /// How a thing is.
    enum State: String {
        case right
        case wrong
        /// It could not be looked at, or there is nothing to look at.
        case skipped
    }

    /// What kind of thing it is.
    enum Area: String {
        case manifest
        case environment
        case modules
        case valkey
        case images
        case cluster
        case rights
    }

    var area: Area
    var state: State
    /// One sentence without its full stop.
    var message: String
    /// One sentence without its full stop; only where something is wrong.
    var fix: String?
    /// The exit code that this alone would give.
    var status: ExitStatus

    static func right(_ area: Area, _ message: String) -> Finding {
        Finding(area: area, state: .right, message: message, fix: nil, status: .done)
    }

    static func skipped(_ area: Area, _ message: String) -> Finding {
        Finding(area: area, state: .skipped, message: message, fix: nil, status: .done)
    }

    static func wrong(_ area: Area, _ message: String, fix: String, status: ExitStatus = .unreachable) -> Finding {
        Finding(area: area, state: .wrong, message: message, fix: fix, status: status)
    }

    /// A line for people.
    var line: String {
        let mark =
            switch state {
            case .right: "ok     "
            case .wrong: "WRONG  "
            case .skipped: "skipped"
            }
        let mending = fix.map { "\n         \($0)" } ?? ""
        return "\(mark)  \(area.rawValue): \(message)\(mending)\n"
    }

    /// An object for programs.
    var json: JSONValue {
        var members: [(String, JSONValue)] = [
            ("area", .string(area.rawValue)), ("state", .string(state.rawValue)), ("message", .string(message)),
        ]
        if let fix { members.append(("fix", .string(fix))) }
        return .object(JSONObject(members))
    }
}
