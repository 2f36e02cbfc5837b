import JSON
import Logging

/// One record of a log, to be written as a line.
struct LogRecord {
    /// Since 1970, UTC.
    var seconds: Int64
    var milliseconds: Int
    var level: Logger.Level
    var message: String
    var metadata: Logger.Metadata

    /// The line with its end.
    ///
    /// Line breaks within texts are escaped: a record is always one line.
    func line(_ format: LogSettings.Format) -> [UInt8] {
        let text =
            switch format {
            case .text: textLine
            case .json: jsonLine
            }
        return Array(text.utf8) + [UInt8(ascii: "\n")]
    }

    private var textLine: String {
        var line = "time=\(timestamp) level=\(level.rawValue) msg=\(Self.logfmt(message))"
        for (key, value) in sorted { line += " \(Self.key(key))=\(Self.logfmt(value))" }
        return line
    }

    private var jsonLine: String {
        var object = JSONObject()
        object["time"] = .string(timestamp)
        object["level"] = .string(level.rawValue)
        object["message"] = .string(message)
        for (key, value) in sorted where object[key] == nil { object[key] = .string(value) }
        let bytes = try? JSONValue.object(object).serialized()
        return bytes.map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }

    private var sorted: [(String, String)] {
        metadata.map { ($0.key, $0.value.description) }.sorted { $0.0 < $1.0 }
    }

    /// RFC 3339 in UTC with milliseconds.
    private var timestamp: String {
        let (year, month, day) = CivilDate.from(daysSince1970: seconds.quotient(by: 86_400))
        let second = Int(seconds - seconds.quotient(by: 86_400) * 86_400)
        let date = "\(year)-\(Self.padded(month))-\(Self.padded(day))"
        let time = "\(Self.padded(second / 3_600)):\(Self.padded(second / 60 % 60)):\(Self.padded(second % 60))"
        return "\(date)T\(time).\(Self.padded(milliseconds, 3))Z"
    }

    private static func padded(_ number: Int, _ width: Int = 2) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    private static func key(_ key: String) -> String {
        String(key.map { $0 == " " || $0 == "=" || $0 == "\"" || $0.isNewline ? "_" : $0 })
    }

    /// A value as logfmt writes it: in quotes when it holds a space, a quote, `=` or a control character.
    private static func logfmt(_ value: String) -> String {
        let isPlain = !value.isEmpty && value.utf8.allSatisfy { $0 > 0x20 && $0 != 0x22 && $0 != 0x3D && $0 != 0x7F }
        if isPlain { return value }
        var quoted = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                quoted += "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

extension Int64 {
    /// Division that rounds down.
    fileprivate func quotient(by divisor: Int64) -> Int64 {
        self >= 0 ? self / divisor : (self - divisor + 1) / divisor
    }
}

/// Days to dates in the proleptic Gregorian calendar.
private enum CivilDate {
    /// Counts in eras of 400 years that begin in March, so that the leap day comes last.
    static func from(daysSince1970 days: Int64) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = shifted.quotient(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = Int(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
        let month = Int(shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9)
        let year = Int(yearOfEra + era * 400) + (month <= 2 ? 1 : 0)
        return (year, month, day)
    }
}
