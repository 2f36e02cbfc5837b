import Glibc

/// Every policy by what it costs and how many requests wait under it.
struct CostWaitingPlot {
    enum Kind: String {
        case recommended
        case adaptive
        case other
        case end
    }

    struct Point {
        var policy: String
        /// Worker-hours a day.
        var cost: Double
        var coldPercent: Double
        var kind: Kind
    }

    private let points: [Point]

    init(_ points: [Point]) { self.points = points.filter { $0.cost > 0 } }

    /// Both sizes; the style sheet shows the one that fits.
    var figure: String {
        guard !points.isEmpty else { return "<p>No policy had a worker.</p>" }
        return """
            <figure class="plot">
            \(drawing(width: 760, height: 460, font: 13, class: "broad"))
            \(drawing(width: 380, height: 420, font: 12, class: "narrow"))
            </figure>
            """
    }

    private struct Box {
        var left: Double
        var top: Double
        var right: Double
        var bottom: Double

        func overlap(_ other: Box) -> Double {
            let width = Swift.min(right, other.right) - Swift.max(left, other.left)
            let height = Swift.min(bottom, other.bottom) - Swift.max(top, other.top)
            return width > 0 && height > 0 ? width * height : 0
        }
    }

    private func drawing(width: Double, height: Double, font: Double, class name: String) -> String {
        let frame = Box(left: 52, top: 12, right: width - 12, bottom: height - 46)
        let costs = LogarithmicScale(points.map(\.cost))
        let waits = points.map(\.coldPercent).filter { $0 > 0 }
        let colds = LogarithmicScale(waits.isEmpty ? [1] : waits)
        // Where nobody waits a logarithm has no place; such points stand on the floor.
        let floor = points.contains { $0.coldPercent <= 0 } ? frame.bottom - 26 : frame.bottom
        func x(_ cost: Double) -> Double { frame.left + costs.part(cost) * (frame.right - frame.left) }
        func y(_ cold: Double) -> Double {
            cold <= 0 ? frame.bottom - 8 : floor - colds.part(cold) * (floor - frame.top)
        }
        var text =
            "<svg class=\"\(name)\" viewBox=\"0 0 \(Int(width)) \(Int(height))\" role=\"img\" font-size=\"\(Int(font))\" "
            + "aria-label=\"Cold requests in percent against worker-hours a day, by policy\">\n"
        for tick in costs.ticks {
            let at = Markup.number(x(tick))
            text += "<path class=\"axis\" d=\"M\(at) \(Markup.number(frame.top))V\(Markup.number(frame.bottom))\"/>"
            text +=
                "<text class=\"mark\" x=\"\(at)\" y=\"\(Markup.number(frame.bottom + font + 4))\" "
                + "text-anchor=\"middle\">\(Markup.tick(tick))</text>\n"
        }
        var marks = colds.ticks.map { ($0, Markup.tick($0) + " %") }
        if floor < frame.bottom { marks.append((0, "none")) }
        for (tick, label) in marks {
            let at = y(tick)
            text +=
                "<path class=\"axis\" d=\"M\(Markup.number(frame.left)) \(Markup.number(at))H\(Markup.number(frame.right))\"/>"
            text +=
                "<text class=\"mark\" x=\"\(Markup.number(frame.left - 6))\" y=\"\(Markup.number(at + font / 3))\" "
                + "text-anchor=\"end\">\(label)</text>\n"
        }
        text +=
            "<text x=\"\(Markup.number((frame.left + frame.right) / 2))\" y=\"\(Markup.number(height - 8))\" "
            + "text-anchor=\"middle\">worker-hours a day</text>\n"
        text +=
            "<text x=\"\(Markup.number(frame.left + 6))\" y=\"\(Markup.number(frame.top + font))\">cold requests</text>\n"
        let front = front.map { "\(Markup.number(x($0.cost))) \(Markup.number(y($0.coldPercent)))" }
        if front.count > 1 { text += "<path class=\"front\" d=\"M\(front.joined(separator: "L"))\"/>\n" }

        var taken = [Box(left: frame.left, top: frame.top, right: frame.left + 7 * font, bottom: frame.top + font + 4)]
        for point in points {
            let (px, py) = (x(point.cost), y(point.coldPercent))
            taken.append(Box(left: px - 7, top: py - 7, right: px + 7, bottom: py + 7))
        }
        for point in points {
            let (px, py) = (x(point.cost), y(point.coldPercent))
            let isBold = point.kind == .recommended
            let (label, box) = place(label: point.policy, isBold, at: (px, py), font: font, within: frame, width, taken)
            taken.append(box)
            let title =
                "\(point.policy): \(SimulationTable.decimal(point.cost, 2)) worker-hours a day, "
                + "\(SimulationAdvice.percent(point.coldPercent)) cold"
            text += "<g><title>\(Markup.escaped(title))</title>"
            if isBold {
                text += "<circle class=\"ring\" cx=\"\(Markup.number(px))\" cy=\"\(Markup.number(py))\" r=\"10\"/>"
            }
            text +=
                "<circle class=\"point \(point.kind.rawValue)\" cx=\"\(Markup.number(px))\" cy=\"\(Markup.number(py))\" "
                + "r=\"6\"/>"
            let weight = isBold ? " font-weight=\"700\"" : ""
            text +=
                "<text x=\"\(Markup.number(box.left))\" y=\"\(Markup.number(box.bottom - 4))\"\(weight)>"
                + "\(Markup.escaped(label))</text></g>\n"
        }
        return text + "</svg>"
    }

    /// The policies that no other beats in both, cheapest first.
    private var front: [Point] {
        var least = Double.infinity
        return points.sorted { ($0.cost, $0.coldPercent) < ($1.cost, $1.coldPercent) }.filter { point in
            guard point.coldPercent < least, point.policy != "oracle" else { return false }
            least = point.coldPercent
            return true
        }
    }

    /// A place for a label beside its point that covers the least of what stands there already.
    private func place(
        label: String,
        _ isBold: Bool,
        at point: (x: Double, y: Double),
        font: Double,
        within frame: Box,
        _ width: Double,
        _ taken: [Box]
    ) -> (String, Box) {
        // Bold letters are wider, and a ring is around the point.
        let letter = font * (isBold ? 0.64 : 0.56)
        let gap: Double = isBold ? 16 : 12
        let most = Int((frame.right - frame.left) * 0.6 / letter)
        let label = label.count > most ? String(label.prefix(most - 1)) + "…" : label
        let long = Double(label.count) * letter + 4
        let high = font + 4
        var best = Box(left: 0, top: 0, right: 0, bottom: 0)
        var least = Double.infinity
        let middle = point.y - high / 2
        let places: [(Double, Double)] = [
            (point.x + gap, middle), (point.x - gap - long, middle), (point.x - long / 2, point.y - gap - high),
            (point.x - long / 2, point.y + gap), (point.x + 10, point.y - 8 - high), (point.x + 10, point.y + 8),
            (point.x - 10 - long, point.y - 8 - high), (point.x - 10 - long, point.y + 8),
            (point.x + 10, point.y - 8 - 2 * high), (point.x + 10, point.y + 8 + high),
            (point.x - 10 - long, point.y - 8 - 2 * high), (point.x - 10 - long, point.y + 8 + high),
        ]
        for (order, (left, top)) in places.enumerated() {
            let box = Box(left: left, top: top, right: left + long, bottom: top + high)
            var cost = taken.reduce(0) { $0 + box.overlap($1) } + Double(order) * 0.5
            if box.left < frame.left || box.right > width { cost += 10_000 }
            if box.top < frame.top - 8 || box.bottom > frame.bottom + 4 { cost += 5_000 }
            if cost < least {
                least = cost
                best = box
            }
        }
        return (label, best)
    }
}
