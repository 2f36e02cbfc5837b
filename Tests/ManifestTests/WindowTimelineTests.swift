import Manifest
import Testing

/// Windows under hand-made clocks: what they keep when, over changes of the clocks too.
@Suite struct WindowTimelineTests {
    @Test func opensAndClosesOnWorkingDays() throws {
        // Thursday 2026-01-01, 00:00 UTC.
        let windows = try windows("{ start: \"0 8 * * mon-fri\", end: \"0 20 * * mon-fri\", min: 2 }")
        let steps = WindowTimeline(windows).steps(from: utc(2026, 1, 1), count: 5, offset: inUTC)
        #expect(
            steps == [
                .init(minute: utc(2026, 1, 1), min: 0), .init(minute: utc(2026, 1, 1, 8), min: 2),
                .init(minute: utc(2026, 1, 1, 20), min: 0), .init(minute: utc(2026, 1, 2, 8), min: 2),
                .init(minute: utc(2026, 1, 2, 20), min: 0), .init(minute: utc(2026, 1, 5, 8), min: 2),
            ]
        )
    }

    @Test func knowsThatAWindowIsOpenAlready() throws {
        let windows = try windows("{ start: \"0 22 * * fri\", end: \"0 6 * * mon\", min: 3 }")
        let timeline = WindowTimeline(windows)
        // From Friday night to Monday morning, asked on Sunday.
        #expect(timeline.steps(from: utc(2026, 1, 4, 12), count: 1, offset: inUTC).map(\.min) == [3, 0])
        #expect(timeline.steps(from: utc(2026, 1, 2, 21, 59), count: 0, offset: inUTC).map(\.min) == [0])
        #expect(timeline.steps(from: utc(2026, 1, 2, 22), count: 0, offset: inUTC).map(\.min) == [3])
        #expect(timeline.steps(from: utc(2026, 1, 5, 6), count: 0, offset: inUTC).map(\.min) == [0])
    }

    @Test func theGreatestOfOverlappingWindowsHolds() throws {
        let windows = try windows(
            "{ start: \"0 8 * * *\", end: \"0 20 * * *\", min: 2 }",
            "{ start: \"0 12 * * *\", end: \"0 14 * * *\", min: 5 }",
            // Within the first and smaller: it changes nothing.
            "{ start: \"0 9 * * *\", end: \"0 10 * * *\", min: 1 }"
        )
        let steps = WindowTimeline(windows).steps(from: utc(2026, 1, 1, 7), count: 4, offset: inUTC)
        #expect(steps.map(\.min) == [0, 2, 5, 2, 0])
        #expect(steps.map { ($0.minute - utc(2026, 1, 1)) / 60 } == [7, 8, 12, 14, 20])
    }

    @Test func windowsThatTouchAreOneStepOrNone() throws {
        let windows = try windows(
            "{ start: \"0 8 * * *\", end: \"0 12 * * *\", min: 2 }",
            "{ start: \"0 12 * * *\", end: \"0 20 * * *\", min: 2 }"
        )
        let steps = WindowTimeline(windows).steps(from: utc(2026, 1, 1), count: 2, offset: inUTC)
        #expect(steps.map { ($0.minute - utc(2026, 1, 1)) / 60 } == [0, 8, 20])
        let always = try self.windows("{ start: \"0 8 * * *\", end: \"0 8 * * *\", min: 2 }")
        #expect(
            WindowTimeline(always).steps(from: utc(2026, 1, 1), count: 3, offset: inUTC).map(\.min) == [2]
        )
    }

    @Test func aZonesOwnHoursAreMeant() throws {
        let windows = try windows("{ start: \"0 8 * * *\", end: \"0 20 * * *\", timezone: Europe/Berlin, min: 2 }")
        let winter = WindowTimeline(windows).steps(from: utc(2026, 1, 1), count: 1, offset: berlin)
        #expect(winter[1].minute == utc(2026, 1, 1, 7))
        let summer = WindowTimeline(windows).steps(from: utc(2026, 7, 1), count: 1, offset: berlin)
        #expect(summer[1].minute == utc(2026, 7, 1, 6))
    }

    @Test func hoursThatTheClocksLeaveOutStillOpenAndClose() throws {
        // On 2026-03-29 there is no 02:30 in Berlin: 02:00 is 03:00. It is read with the offset before: 01:30 UTC.
        let opening = try windows("{ start: \"30 2 * * *\", end: \"0 5 * * *\", timezone: Europe/Berlin, min: 2 }")
        let opened = WindowTimeline(opening).steps(from: utc(2026, 3, 29), count: 2, offset: berlin)
        #expect(opened.map(\.min) == [0, 2, 0])
        #expect(opened[1].minute == utc(2026, 3, 29, 1, 30) && opened[2].minute == utc(2026, 3, 29, 3))
        let closing = try windows("{ start: \"0 1 * * *\", end: \"30 2 * * *\", timezone: Europe/Berlin, min: 2 }")
        let closed = WindowTimeline(closing).steps(from: utc(2026, 3, 29, 0, 30), count: 1, offset: berlin)
        #expect(closed.map(\.min) == [2, 0] && closed[1].minute == utc(2026, 3, 29, 1, 30))
    }

    @Test func hoursThatComeTwiceCountOnce() throws {
        // On 2026-10-25 Berlin has 02:30 at 00:30 and again at 01:30 UTC.
        let windows = try windows("{ start: \"30 2 * * *\", end: \"15 2 * * *\", timezone: Europe/Berlin, min: 2 }")
        let steps = WindowTimeline(windows).steps(from: utc(2026, 10, 25), count: 4, offset: berlin)
        #expect(
            steps == [
                .init(minute: utc(2026, 10, 25), min: 2), .init(minute: utc(2026, 10, 25, 0, 15), min: 0),
                .init(minute: utc(2026, 10, 25, 0, 30), min: 2), .init(minute: utc(2026, 10, 26, 1, 15), min: 0),
                .init(minute: utc(2026, 10, 26, 1, 30), min: 2),
            ]
        )
    }

    @Test func aDayThatIsRareIsFound() throws {
        let windows = try windows("{ start: \"0 0 29 2 *\", end: \"0 0 1 3 *\", min: 4 }")
        let steps = WindowTimeline(windows).steps(from: utc(2026, 1, 1), count: 2, offset: inUTC)
        #expect(steps.map(\.min) == [0, 4, 0])
        #expect(steps[1].minute == utc(2028, 2, 29) && steps[2].minute == utc(2028, 3, 1))
    }

    @Test func everyMinuteAgreesWithTheExpressionsThemselves() throws {
        let windows = try windows(
            "{ start: \"*/17 6-9 1,15 * tue\", end: \"5-50/15 7-23 * * *\", timezone: Europe/Berlin, min: 2 }"
        )
        let window = windows[0]
        var isOpen = false
        var expected: [WindowTimeline.Step] = [.init(minute: utc(2026, 4, 1), min: 0)]
        for minute in (utc(2026, 4, 1) + 1)..<utc(2026, 6, 1) {
            let local = calendar(minute + berlin("Europe/Berlin", minute))
            if window.end.matches(local) { isOpen = false }
            if window.start.matches(local) { isOpen = true }
            if expected.last?.min != (isOpen ? 2 : 0) { expected.append(.init(minute: minute, min: isOpen ? 2 : 0)) }
        }
        #expect(expected.count > 30)
        let steps = WindowTimeline(windows).steps(from: utc(2026, 4, 1), count: expected.count - 1, offset: berlin)
        #expect(steps == expected)
    }

    @Test func noWindowsHaveNoSteps() {
        #expect(WindowTimeline([]).steps(from: 0, count: 3, offset: inUTC).isEmpty)
    }

    // MARK: Clocks

    private func windows(_ texts: String...) throws -> [ScaleWindow] {
        let list = texts.map { "        - \($0)\n" }.joined()
        let text = """
            version: 1
            service: shop
            functions:
              a:
                module: m
                handler: A
                route: GET /a
                scale:
                  schedule:

            """
        return try #require(read(text + list).manifest?.functions.first?.scale.windows)
    }

    private func inUTC(_ zone: String, _ minute: Int) -> Int { 0 }

    /// The European Union's summer time: from the last Sunday of March to that of October, changed at 01:00 UTC.
    private func berlin(_ zone: String, _ minute: Int) -> Int {
        let isSummer = [
            utc(2026, 3, 29, 1)..<utc(2026, 10, 25, 1), utc(2027, 3, 28, 1)..<utc(2027, 10, 31, 1),
        ].contains { $0.contains(minute) }
        return isSummer ? 120 : 60
    }

    /// Counted day by day, so that it has nothing of the arithmetic it is compared with.
    private func utc(_ year: Int, _ month: Int, _ day: Int, _ hour: Int = 0, _ minute: Int = 0) -> Int {
        var days = 0
        for year in 1970..<year { days += isLeap(year) ? 366 : 365 }
        for month in 1..<month { days += length(month, year) }
        return (days + day - 1) * 1_440 + hour * 60 + minute
    }

    private func calendar(_ local: Int) -> CalendarMinute {
        var days = local / 1_440
        let dayOfWeek = (days + 4) % 7
        var year = 1970
        while days >= (isLeap(year) ? 366 : 365) {
            days -= isLeap(year) ? 366 : 365
            year += 1
        }
        var month = 1
        while days >= length(month, year) {
            days -= length(month, year)
            month += 1
        }
        return CalendarMinute(
            minute: local % 60,
            hour: local / 60 % 24,
            day: days + 1,
            month: month,
            dayOfWeek: dayOfWeek
        )
    }

    private func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    private func length(_ month: Int, _ year: Int) -> Int {
        month == 2 && isLeap(year) ? 29 : [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    }
}
