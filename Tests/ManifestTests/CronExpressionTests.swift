import Manifest
import Testing

@Suite struct CronExpressionTests {
    private func cron(_ text: String) throws -> CronExpression {
        let reading = read(
            "version: 1\nservice: s\nfunctions:\n  a: { module: m, handler: H, schedule: { cron: \"\(text)\" } }\n"
        )
        guard case .schedule(.cron(let cron, _)) = try #require(reading.manifest).functions[0].trigger else {
            throw Missing()
        }
        return cron
    }

    private struct Missing: Error {}

    @Test func fieldsBecomeSets() throws {
        let all = try cron("* * * * *")
        #expect(all.minutes == (1 << 60) - 1 && all.hours == (1 << 24) - 1)
        #expect(all.daysOfMonth == 0xFFFF_FFFE && all.months == 0x1FFE && all.daysOfWeek == 0x7F)
        #expect(all.anyDayOfMonth && all.anyDayOfWeek)

        let some = try cron("0,30 8-10 1-31/10 jan,dec sun-tue")
        #expect(some.minutes == 1 | 1 << 30)
        #expect(some.hours == 1 << 8 | 1 << 9 | 1 << 10)
        #expect(some.daysOfMonth == 1 << 1 | 1 << 11 | 1 << 21 | 1 << 31)
        #expect(some.months == 1 << 1 | 1 << 12)
        #expect(some.daysOfWeek == 0b111)
        #expect(!some.anyDayOfMonth && !some.anyDayOfWeek)

        #expect(try cron("*/20 * * * *").minutes == 1 | 1 << 20 | 1 << 40)
        #expect(try cron("50/5 * * * *").minutes == 1 << 50 | 1 << 55)
        #expect(try cron("0 0 * * 7").daysOfWeek == 1)
        #expect(try cron("0 0 * * 5-7").daysOfWeek == 1 | 1 << 5 | 1 << 6)
        #expect(try cron("0 0 29 2 *").daysOfMonth == 1 << 29)
        #expect(try cron("0   0  1 1 *").text == "0 0 1 1 *")
    }

    @Test(arguments: [
        "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * 32 * *", "* * * 0 *", "* * * 13 *",
        "* * * * 8", "5-1 * * * *", "*/0 * * * *", "*/99 * * * *", "1, * * * *", ", * * * *", "a * * * *",
        "* * * foo *",
        "1-2-3 * * * *", "1/2/3 * * * *", "-1 * * * *", "+1 * * * *", "0 0 30 2 *", "0 0 31 4,6 *", "", "@daily",
        "0 0 31 2 1 extra", "** * * * *", "1-* * * * *",
    ])
    func refuses(_ text: String) {
        let reading = read(
            "version: 1\nservice: s\nfunctions:\n  a: { module: m, handler: H, schedule: { cron: \"\(text)\" } }\n"
        )
        #expect(brief(reading) == ["4:49 bad-schedule"])
    }
}
