import Manifest
import Testing

@Suite struct ScheduleTableTests {
    /// Minute 0 is Sunday, 1 March, 00:00, in a month that does not end.
    private static func calendar(_ minute: Int, _ timeZone: String) -> CalendarMinute? {
        let shifted = timeZone == "UTC" ? minute : minute + 60
        let day = shifted / 1_440
        return CalendarMinute(
            minute: shifted % 60,
            hour: shifted / 60 % 24,
            day: day + 1,
            month: 3,
            dayOfWeek: day % 7
        )
    }

    private static func cron(_ text: String, _ timeZone: String = "UTC") throws -> Schedule {
        let manifest = """
            version: 1
            service: s
            functions:
              f: { module: m, handler: H, schedule: { cron: "\(text)", timezone: \(timeZone) } }
            """
        let reading = ManifestReading(SourceText(manifest, file: "f"), environment: { _ in nil })
        let function = try #require(reading.manifest?.functions.first, "\(reading.diagnostics)")
        guard case .schedule(let schedule) = function.trigger else { throw CancellationError() }
        return schedule
    }

    @Test func anIntervalIsDueAfterItEachTime() {
        var table = ScheduleTable()
        table.update(["f": .every(.seconds(10))], now: 100)
        #expect(table.due(now: 109, calendar: Self.calendar) == [])
        #expect(table.due(now: 110, calendar: Self.calendar) == ["f"])
        table.finished("f")
        #expect(table.due(now: 119, calendar: Self.calendar) == [])
        #expect(table.due(now: 120, calendar: Self.calendar) == ["f"])
    }

    @Test func whatStillRunsIsNotInvokedAgain() {
        var table = ScheduleTable()
        table.update(["f": .every(.seconds(1))], now: 0)
        #expect(table.due(now: 1, calendar: Self.calendar) == ["f"])
        #expect(table.due(now: 2, calendar: Self.calendar) == [])
        table.finished("f")
        #expect(table.due(now: 3, calendar: Self.calendar) == ["f"])
    }

    @Test func aLongSleepMakesOneInvocation() {
        var table = ScheduleTable()
        table.update(["f": .every(.seconds(10))], now: 0)
        #expect(table.due(now: 1_000, calendar: Self.calendar) == ["f"])
        table.finished("f")
        #expect(table.due(now: 1_000, calendar: Self.calendar) == [])
        #expect(table.due(now: 1_001, calendar: Self.calendar) == ["f"])
    }

    @Test func aReloadKeepsTheTimeOfWhatStays() {
        var table = ScheduleTable()
        table.update(["f": .every(.seconds(10)), "g": .every(.seconds(5))], now: 0)
        table.update(["f": .every(.seconds(10)), "h": .every(.seconds(5))], now: 9)
        #expect(table.due(now: 10, calendar: Self.calendar) == ["f"])
        #expect(table.due(now: 14, calendar: Self.calendar) == ["h"])
    }

    @Test func aCronExpressionIsDueInItsMinutesOnceEach() throws {
        var table = ScheduleTable()
        table.update(["f": try Self.cron("*/15 9 * * 1-5")], now: 0)
        var times: [Int] = []
        for second in stride(from: 0, to: 3 * 86_400, by: 20)
        where !table.due(now: second, calendar: Self.calendar).isEmpty {
            times.append(second / 60)
            table.finished("f")
        }
        let monday = 1_440 + 540
        let tuesday = 2 * 1_440 + 540
        #expect(
            times == [monday, monday + 15, monday + 30, monday + 45, tuesday, tuesday + 15, tuesday + 30, tuesday + 45]
        )
    }

    @Test func aCronExpressionIsReadInItsTimeZone() throws {
        var table = ScheduleTable()
        table.update(["f": try Self.cron("0 9 * * *", "Europe/Berlin")], now: 0)
        #expect(table.due(now: (8 * 60 - 1) * 60, calendar: Self.calendar) == [])
        #expect(table.due(now: 8 * 3_600, calendar: Self.calendar) == ["f"])
    }

    /// How often a schedule is due in the first days of a month, by the minute UTC.
    private func times(_ text: String, days: Int, offset: @escaping (Int) -> Int) throws -> [Int] {
        var table = ScheduleTable()
        table.update(["f": try Self.cron(text, "Europe/Berlin")], now: 0)
        return (1..<days * 1_440).filter { minute in
            defer { table.finished("f") }
            return !table.due(now: minute * 60) { minute, _ in Self.calendar(minute + offset(minute), "UTC") }.isEmpty
        }
    }

    @Test func aTimeTheClockLeavesOutIsDueAtTheChange() throws {
        // At 01:00 UTC of the second day the clock goes from 02:00 to 03:00.
        let change = 1_440 + 60
        let forward: @Sendable (Int) -> Int = { $0 < change ? 60 : 120 }
        #expect(try times("30 2 * * *", days: 3, offset: forward) == [90, change, 2 * 1_440 + 30])
        #expect(try times("15,45 2 2 * *", days: 3, offset: forward) == [change])
        #expect(try times("0 3 * * *", days: 3, offset: forward) == [120, change, 2 * 1_440 + 60])
        #expect(try times("30 * 2 * *", days: 3, offset: forward).count == 23)
    }

    @Test func midnightLeftOutBelongsToTheNewDay() throws {
        // The clock goes from 00:00 to 01:00 as the third day begins.
        let change = 2 * 1_440 - 60
        let forward: @Sendable (Int) -> Int = { $0 < change ? 60 : 120 }
        #expect(try times("30 0 3 * *", days: 4, offset: forward) == [change])
        #expect(try times("30 0 2 * *", days: 4, offset: forward) == [1_440 - 30])
    }

    @Test func aTimeTheClockShowsTwiceIsDueOnce() throws {
        // At 01:00 UTC of the second day the clock goes back from 03:00 to 02:00.
        let change = 1_440 + 60
        let back: @Sendable (Int) -> Int = { $0 < change ? 120 : 60 }
        #expect(try times("30 2 2 * *", days: 3, offset: back) == [change - 30])
        #expect(try times("0 3 2 * *", days: 3, offset: back) == [change + 60])
        // By the time that passes: twenty-five hours of this day.
        #expect(try times("30 * 2 * *", days: 3, offset: back).count == 25)
    }

    @Test func dayOfMonthAndDayOfWeekAreEitherWhenBothAreGiven() throws {
        guard case .cron(let expression, _) = try Self.cron("0 0 13 * 5") else { return }
        let friday = CalendarMinute(minute: 0, hour: 0, day: 6, month: 3, dayOfWeek: 5)
        let thirteenth = CalendarMinute(minute: 0, hour: 0, day: 13, month: 3, dayOfWeek: 1)
        let neither = CalendarMinute(minute: 0, hour: 0, day: 12, month: 3, dayOfWeek: 1)
        #expect(expression.matches(friday))
        #expect(expression.matches(thirteenth))
        #expect(!expression.matches(neither))
    }
}
