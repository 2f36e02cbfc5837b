import Manifest
import Testing

@Suite struct ScheduleTableTests {
    /// One zone is an hour ahead.
    private static func offset(_ timeZone: String, _ minute: Int) -> Int { timeZone == "UTC" ? 0 : 60 }

    /// What is due in some days, as minutes since 1970; each invocation ends before the next.
    private static func times(_ schedule: Schedule, days: Int) -> [Int] {
        var table = ScheduleTable()
        table.update(["f": schedule], now: 0, offset: offset)
        var times: [Int] = []
        for second in stride(from: 0, to: days * 86_400, by: 20) where !table.due(now: second, offset: offset).isEmpty {
            times.append(second / 60)
            table.finished("f")
        }
        return times
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
        table.update(["f": .every(.seconds(10))], now: 100, offset: Self.offset)
        #expect(table.due(now: 109, offset: Self.offset) == [])
        #expect(table.due(now: 110, offset: Self.offset) == ["f"])
        table.finished("f")
        #expect(table.due(now: 119, offset: Self.offset) == [])
        #expect(table.due(now: 120, offset: Self.offset) == ["f"])
    }

    @Test func whatStillRunsIsNotInvokedAgain() {
        var table = ScheduleTable()
        table.update(["f": .every(.seconds(1))], now: 0, offset: Self.offset)
        #expect(table.due(now: 1, offset: Self.offset) == ["f"])
        #expect(table.due(now: 2, offset: Self.offset) == [])
        table.finished("f")
        #expect(table.due(now: 3, offset: Self.offset) == ["f"])
    }

    @Test func aLongSleepMakesOneInvocation() {
        var table = ScheduleTable()
        table.update(["f": .every(.seconds(10))], now: 0, offset: Self.offset)
        #expect(table.due(now: 1_000, offset: Self.offset) == ["f"])
        table.finished("f")
        #expect(table.due(now: 1_000, offset: Self.offset) == [])
        #expect(table.due(now: 1_001, offset: Self.offset) == ["f"])
    }

    @Test func aReloadKeepsTheTimeOfWhatStays() {
        var table = ScheduleTable()
        table.update(["f": .every(.seconds(10)), "g": .every(.seconds(5))], now: 0, offset: Self.offset)
        table.update(["f": .every(.seconds(10)), "h": .every(.seconds(5))], now: 9, offset: Self.offset)
        #expect(table.due(now: 10, offset: Self.offset) == ["f"])
        #expect(table.due(now: 14, offset: Self.offset) == ["h"])
    }

    @Test func aCronExpressionIsDueInItsMinutesOnceEach() throws {
        // The first day is Thursday, 1 January 1970.
        let (thursday, friday, monday) = (540, 1_440 + 540, 4 * 1_440 + 540)
        let times = Self.times(try Self.cron("*/15 9 * * 1-5"), days: 5)
        #expect(times == [thursday, friday, monday].flatMap { nine in [0, 15, 30, 45].map { nine + $0 } })
    }

    @Test func aCronExpressionIsReadInItsTimeZone() throws {
        var table = ScheduleTable()
        table.update(["f": try Self.cron("0 9 * * *", "Europe/Berlin")], now: 0, offset: Self.offset)
        #expect(table.due(now: (8 * 60 - 1) * 60, offset: Self.offset) == [])
        #expect(table.due(now: 8 * 3_600, offset: Self.offset) == ["f"])
    }

    /// When a schedule is due in the first days of 1970, by the minute UTC.
    private func times(_ text: String, days: Int, offset: @escaping (Int) -> Int) throws -> [Int] {
        var table = ScheduleTable()
        table.update(["f": try Self.cron(text, "Europe/Berlin")], now: 0) { offset($1) }
        return (1..<days * 1_440).filter { minute in
            defer { table.finished("f") }
            return !table.due(now: minute * 60, offset: { offset($1) }).isEmpty
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
        // Fridays are 2, 9 and 16 January.
        let times = Self.times(try Self.cron("0 0 13 * 5"), days: 17)
        #expect(times.map { $0 / 1_440 + 1 } == [2, 9, 13, 16])
    }

    @Test func aClockThatIsSetBackDoesNotSilenceAnInterval() {
        var table = ScheduleTable()
        table.update(["f": .every(.seconds(10))], now: 100_000, offset: Self.offset)
        #expect(table.due(now: 50_000, offset: Self.offset) == [])
        #expect(table.due(now: 50_010, offset: Self.offset) == ["f"])
    }

    // MARK: Handing on

    @Test func whatFellDueWhileNobodyWasOnDutyIsInvokedOnce() throws {
        let nightly = try Self.cron("0 3 * * *")
        var table = ScheduleTable()
        table.update(["f": nightly, "g": .every(.seconds(10))], now: 0, offset: Self.offset)
        #expect(table.due(now: 3 * 3_600, offset: Self.offset) == ["f", "g"])
        let marks = table.marks
        #expect(marks["f"] == .init(due: 3 * 3_600, schedule: "0 3 * * *"))

        // Three nights later.
        var next = ScheduleTable()
        let now = 3 * 86_400 + 4 * 3_600
        next.update(["f": nightly, "g": .every(.seconds(10))], now: now, offset: Self.offset)
        next.resume(marks, now: now, offset: Self.offset)
        #expect(next.due(now: now, offset: Self.offset) == ["f", "g"])
        for name in ["f", "g"] { next.finished(name) }
        #expect(next.due(now: now, offset: Self.offset) == [])
        #expect(next.due(now: now + 10, offset: Self.offset) == ["g"])
    }

    @Test func whatWasInvokedAlreadyIsNotInvokedAgain() throws {
        let nightly = try Self.cron("0 3 * * *")
        var next = ScheduleTable()
        next.update(["f": nightly], now: 0, offset: Self.offset)
        next.resume(["f": .init(due: 3 * 3_600, schedule: "0 3 * * *")], now: 4 * 3_600, offset: Self.offset)
        #expect(next.due(now: 4 * 3_600, offset: Self.offset) == [])
        #expect(next.due(now: 27 * 3_600, offset: Self.offset) == ["f"])
    }

    @Test func aMarkOfAnotherScheduleSaysNothing() throws {
        var table = ScheduleTable()
        table.update(["f": try Self.cron("0 2 * * *")], now: 5 * 3_600, offset: Self.offset)
        let marks = ["f": ScheduleTable.Mark(due: 3 * 3_600 - 86_400, schedule: "0 3 * * *")]
        table.resume(marks, now: 5 * 3_600, offset: Self.offset)
        #expect(table.due(now: 5 * 3_600, offset: Self.offset) == [])
    }

    @Test func whatCouldNotBeInvokedIsDueAgainAndLeavesNoMark() throws {
        var table = ScheduleTable()
        table.update(["f": try Self.cron("0 3 * * *")], now: 0, offset: Self.offset)
        #expect(table.due(now: 3 * 3_600, offset: Self.offset) == ["f"])
        table.failed("f")
        #expect(table.marks.isEmpty)
        #expect(table.due(now: 3 * 3_600 + 1, offset: Self.offset) == ["f"])
        #expect(table.due(now: 3 * 3_600 + 2, offset: Self.offset) == [])
    }

    @Test func whatSomebodyElseHasRunningIsLeftToRun() {
        var table = ScheduleTable()
        table.update(["f": .every(.seconds(10))], now: 0, offset: Self.offset)
        #expect(table.due(now: 10, offset: Self.offset) { _ in true } == [])
        #expect(table.due(now: 20, offset: Self.offset) == ["f"])
    }
}
