import Synchronization

/// The metrics of a process: instruments by name and labels, rendered when somebody asks.
///
/// Instruments are made once and kept by who uses them; using one takes no lock.
package final class MetricsRegistry: Sendable {
    package typealias Labels = PrometheusText.Labels

    /// A name is used twice with different kinds, or is not a name.
    package struct Misuse: Error, Equatable, CustomStringConvertible {
        package let description: String
    }

    private enum Instrument {
        case counter(Counter)
        case gauge(Gauge)
        case histogram(Histogram)
    }

    private struct Family {
        let name: String
        let kind: PrometheusText.Kind
        let help: String
        var series: [(labels: Labels, instrument: Instrument)] = []
    }

    private let families = Mutex<[Family]>([])

    package init() {}

    /// The counter of this name and these labels, made when there is none yet.
    package func counter(_ name: String, help: String, _ labels: Labels = []) throws(Misuse) -> Counter {
        let instrument = try instrument(name, .counter, help, labels) { .counter(Counter()) }
        guard case .counter(let counter) = instrument else { throw misuse(name) }
        return counter
    }

    /// The gauge of this name and these labels, made when there is none yet.
    package func gauge(_ name: String, help: String, _ labels: Labels = []) throws(Misuse) -> Gauge {
        let instrument = try instrument(name, .gauge, help, labels) { .gauge(Gauge()) }
        guard case .gauge(let gauge) = instrument else { throw misuse(name) }
        return gauge
    }

    /// The histogram of this name and these labels, made when there is none yet.
    package func histogram(
        _ name: String,
        help: String,
        _ labels: Labels = [],
        bounds: [Double] = Histogram.durations
    ) throws(Misuse) -> Histogram {
        let instrument = try instrument(name, .histogram, help, labels) { .histogram(Histogram(bounds: bounds)) }
        guard case .histogram(let histogram) = instrument else { throw misuse(name) }
        return histogram
    }

    /// Takes out every series that carries this label, for example when its route is gone.
    package func removeSeries(where label: String, is value: String) {
        families.withLock { families in
            for index in families.indices {
                families[index].series.removeAll { $0.labels.contains { $0.name == label && $0.value == value } }
            }
        }
    }

    /// Writes every family that has a series.
    package func render(into text: inout PrometheusText) {
        for family in families.withLock({ $0 }) where !family.series.isEmpty {
            text.family(family.name, family.kind, help: family.help)
            for (labels, instrument) in family.series {
                switch instrument {
                case .counter(let counter): text.sample(family.name, labels, counter.value)
                case .gauge(let gauge): text.sample(family.name, labels, gauge.value)
                case .histogram(let histogram): text.histogram(family.name, labels, histogram)
                }
            }
        }
    }

    private func misuse(_ name: String) -> Misuse {
        Misuse(description: "the metric '\(name)' is used with two kinds")
    }

    private func instrument(
        _ name: String,
        _ kind: PrometheusText.Kind,
        _ help: String,
        _ labels: Labels,
        make: () -> Instrument
    ) throws(Misuse) -> Instrument {
        guard Self.isName(name, colons: true), labels.allSatisfy({ Self.isName($0.name, colons: false) }) else {
            throw Misuse(description: "'\(name)' or one of its labels is no name of a metric")
        }
        return try families.withLock { (families) throws(Misuse) in
            guard let index = families.firstIndex(where: { $0.name == name }) else {
                let instrument = make()
                families.append(Family(name: name, kind: kind, help: help, series: [(labels, instrument)]))
                return instrument
            }
            guard families[index].kind == kind else { throw misuse(name) }
            let known = families[index].series.first { series in
                series.labels.count == labels.count
                    && zip(series.labels, labels).allSatisfy { $0.name == $1.name && $0.value == $1.value }
            }
            if let known { return known.instrument }
            let instrument = make()
            families[index].series.append((labels, instrument))
            return instrument
        }
    }

    private static func isName(_ name: String, colons: Bool) -> Bool {
        guard let first = name.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            return false
        }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            case UInt8(ascii: ":"): colons
            default: false
            }
        }
    }
}
