/// What a function's windows keep at which time: pure, given the zones' differences from UTC.
package struct WindowTimeline: Sendable {
    /// A moment at which the windows' least number of workers changes, in minutes since 1970-01-01 00:00 UTC.
    package struct Step: Hashable, Sendable {
        package var minute: Int
        /// The fewest workers from then on; 0 where no window is open.
        package var min: Int

        package init(minute: Int, min: Int) {
            self.minute = minute
            self.min = min
        }
    }

    private let windows: [ScaleWindow]

    package init(_ windows: [ScaleWindow]) {
        self.windows = windows
    }

    /// The step that holds at a minute, and the next ones after it.
    ///
    /// A window is open from a minute that matches its start to the next one that matches its end; where both match,
    /// it opens. Of windows that are open together the greatest `min` holds.
    ///
    /// - Parameters:
    ///   - minute: Minutes since 1970-01-01 00:00 UTC.
    ///   - count: How many steps are wanted after the one that holds; fewer come if the windows have no more.
    ///   - offset: The difference from UTC in minutes of a zone at a minute.
    /// - Returns: The steps in the order of time, the first at `minute`; none where there are no windows.
    package func steps(
        from minute: Int,
        count: Int,
        offset: (_ timeZone: String, _ minute: Int) -> Int
    ) -> [Step] {
        guard !windows.isEmpty else { return [] }
        var clocks = windows.map { window in WindowClock(window, at: minute) { offset(window.timeZone, $0) } }
        func least() -> Int { clocks.map { $0.isOpen ? $0.window.min : 0 }.max() ?? 0 }
        var steps = [Step(minute: minute, min: least())]
        // Edges that change nothing, as those of a window within another, are no steps.
        for _ in 0..<(count * windows.count * 8) where steps.count <= count {
            guard let next = clocks.compactMap(\.nextEdge).min() else { break }
            for index in clocks.indices {
                let zone = clocks[index].window.timeZone
                clocks[index].advance(to: next) { offset(zone, $0) }
            }
            if least() != steps.last?.min { steps.append(Step(minute: next, min: least())) }
        }
        return steps
    }
}

/// One window with its next edges.
private struct WindowClock {
    let window: ScaleWindow
    private(set) var isOpen: Bool
    private var opensAt: Int?
    private var closesAt: Int?

    init(_ window: ScaleWindow, at minute: Int, offset: UTCOffset) {
        self.window = window
        let opened = window.start.last(upTo: minute, offset: offset)
        let closed = window.end.last(upTo: minute, offset: offset)
        isOpen = opened.map { opened in closed.map { opened >= $0 } ?? true } ?? false
        opensAt = window.start.next(after: minute, offset: offset)
        closesAt = window.end.next(after: minute, offset: offset)
    }

    /// The next moment at which it opens or closes.
    var nextEdge: Int? { isOpen ? closesAt : opensAt }

    /// Goes on to a minute no later than ``nextEdge``.
    mutating func advance(to minute: Int, offset: UTCOffset) {
        // What matched before changed nothing: an open window opened again, or a closed one closed.
        if closesAt == minute { isOpen = false }
        if opensAt == minute { isOpen = true }
        if let closesAt, closesAt <= minute { self.closesAt = window.end.next(after: minute, offset: offset) }
        if let opensAt, opensAt <= minute { self.opensAt = window.start.next(after: minute, offset: offset) }
    }
}
