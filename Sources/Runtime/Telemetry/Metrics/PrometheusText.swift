/// Writes metrics in Prometheus's text exposition format, version 0.0.4.
///
/// A family is started once, then its samples follow it.
package struct PrometheusText: Sendable {
    package enum Kind: String, Sendable {
        case counter
        case gauge
        case histogram
    }

    package typealias Labels = [(name: String, value: String)]

    /// What was written, in UTF-8.
    package private(set) var bytes: [UInt8] = []

    package init() {}

    /// The content type to answer with.
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    package mutating func family(_ name: String, _ kind: Kind, help: String) {
        append("# HELP \(name) ")
        for byte in help.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): append("\\\\")
            case UInt8(ascii: "\n"): append("\\n")
            default: bytes.append(byte)
            }
        }
        append("\n# TYPE \(name) \(kind.rawValue)\n")
    }

    package mutating func sample(_ name: String, _ labels: Labels = [], _ value: Double) {
        series(name, labels)
        append(Self.number(value))
        append("\n")
    }

    package mutating func sample(_ name: String, _ labels: Labels = [], _ value: UInt64) {
        series(name, labels)
        append("\(value)\n")
    }

    /// All samples of a histogram.
    package mutating func histogram(_ name: String, _ labels: Labels, _ histogram: Histogram) {
        let (counts, sum) = histogram.snapshot
        var total: UInt64 = 0
        for (index, count) in counts.enumerated() {
            total += count
            let bound = index < histogram.bounds.count ? Self.number(histogram.bounds[index]) : "+Inf"
            sample("\(name)_bucket", labels + [("le", bound)], total)
        }
        sample("\(name)_sum", labels, sum)
        sample("\(name)_count", labels, total)
    }

    private mutating func series(_ name: String, _ labels: Labels) {
        append(name)
        if !labels.isEmpty {
            append("{")
            for (index, label) in labels.enumerated() {
                append(index == 0 ? "" : ",")
                append(label.name)
                append("=\"")
                for byte in label.value.utf8 {
                    switch byte {
                    case UInt8(ascii: "\\"): append("\\\\")
                    case UInt8(ascii: "\""): append("\\\"")
                    case UInt8(ascii: "\n"): append("\\n")
                    default: bytes.append(byte)
                    }
                }
                append("\"")
            }
            append("}")
        }
        append(" ")
    }

    private mutating func append(_ text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        return "\(value)"
    }
}
