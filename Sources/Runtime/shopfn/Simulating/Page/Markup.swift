import Glibc

/// Text and numbers as HTML and SVG take them.
enum Markup {
    static func escaped(_ text: some StringProtocol) -> String {
        var result = ""
        for character in text {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.append(character)
            }
        }
        return result
    }

    /// The text with what stands between grave accents as code.
    static func withCode(_ text: String) -> String {
        let parts = text.split(separator: "`", omittingEmptySubsequences: false)
        return parts.enumerated().map { index, part in
            index % 2 == 1 ? "<code>\(escaped(part))</code>" : escaped(part)
        }.joined()
    }

    /// A coordinate with one decimal.
    static func number(_ value: Double) -> String {
        guard value.isFinite, value.magnitude < 1e9 else { return "0" }
        let tenths = Int((value * 10).rounded())
        let rest = tenths.magnitude % 10
        return (tenths < 0 ? "-" : "") + "\(tenths.magnitude / 10)" + (rest == 0 ? "" : ".\(rest)")
    }

    /// A scale's number, without needless zeros.
    static func tick(_ value: Double) -> String {
        if value >= 1 || value == 0 { return SimulationTable.grouped(Int(value.rounded())) }
        var places = 1
        var scale = 10.0
        while places < 6, (value * scale).rounded() < 1 || ((value * scale).rounded() - value * scale).magnitude > 1e-6
        {
            places += 1
            scale *= 10
        }
        return SimulationTable.decimal(value, places)
    }
}

/// A logarithmic scale with marks at 1, 2 and 5 times the powers of ten.
struct LogarithmicScale {
    let low: Double
    let high: Double

    /// A scale that holds all values, none of which may be 0 or less; a little wider than they need.
    init(_ values: [Double]) {
        low = (values.min() ?? 0.1) / 1.35
        high = (values.max() ?? 10) * 1.35
    }

    /// Where a value stands, from 0 to 1.
    func part(_ value: Double) -> Double {
        high > low ? log(Swift.max(value, low) / low) / log(high / low) : 0.5
    }

    var ticks: [Double] {
        var power = 1e-6
        var all: [Double] = []
        while power <= 1e9 {
            for factor in [1.0, 2, 5] where power * factor >= low && power * factor <= high {
                all.append(power * factor)
            }
            power *= 10
        }
        if all.count > 9 { all.removeAll { Self.leadingDigit($0) != 1 } }
        return all
    }

    private static func leadingDigit(_ value: Double) -> Int {
        var rest = value
        while rest >= 9.999999 { rest /= 10 }
        while rest < 0.999999 { rest *= 10 }
        return Int(rest.rounded())
    }
}
