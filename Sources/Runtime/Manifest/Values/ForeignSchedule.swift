import Time

/// Schedules as other systems write them, put into what a manifest writes.
enum ForeignSchedule {
    private static let nicknames = [
        "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
        "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
    ]

    /// What to write instead of an EventBridge `rate(…)` or `cron(…)`, a nickname of cron's such as `@daily`,
    /// `@every 5m`, a duration alone, or a cron expression with seconds; `nil` where it is none of these.
    static func translation(of text: String) -> String? {
        if let expression = nicknames[text] { return quoted(expression) }
        if let interval = rate(text) { return "'every \(interval)'" }
        let interval = text.hasPrefix("@every ") ? String(text.dropFirst("@every ".count)) : text
        if case .success = DurationText.parse(interval) { return "'every \(interval)'" }
        var fields = (inside("cron", text) ?? text).split(separator: " ").map(String.init)
        guard fields.count == 6 else { return nil }
        if text.hasPrefix("cron(") {
            // EventBridge ends with a year, and counts the days of the week from 1.
            guard fields.removeLast() == "*", !fields[4].contains(where: \.isNumber) else { return nil }
        } else if fields.removeFirst() != "0" {
            return nil
        }
        let expression = fields.map { $0 == "?" ? "*" : $0 }.joined(separator: " ")
        return (try? CronExpression(parsing: expression)) == nil ? nil : quoted(expression)
    }

    /// The interval of `rate(5 minutes)`.
    private static func rate(_ text: String) -> String? {
        let words = inside("rate", text)?.split(separator: " ") ?? []
        guard words.count == 2, let count = Int(words[0]), (1...10_000).contains(count) else { return nil }
        return switch words[1] {
        case "minute", "minutes": "\(count)m"
        case "hour", "hours": "\(count)h"
        case "day", "days": "\(count * 24)h"
        default: nil
        }
    }

    /// What stands in the parentheses of `name(…)`.
    private static func inside(_ name: String, _ text: String) -> String? {
        guard text.hasPrefix(name + "("), text.hasSuffix(")") else { return nil }
        return String(text.dropFirst(name.count + 1).dropLast())
    }

    private static func quoted(_ expression: String) -> String { "\"\(expression)\"" }
}
