import HTTPWire
import Testing

@Suite("Dates")
struct HTTPDateTests {
    @Test(
        "are IMF-fixdates",
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"), (951_868_799, "Tue, 29 Feb 2000 23:59:59 GMT"),
            (951_868_800, "Wed, 01 Mar 2000 00:00:00 GMT"), (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"),
            (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"), (1_767_225_599, "Wed, 31 Dec 2025 23:59:59 GMT"),
            (-1, "Wed, 31 Dec 1969 23:59:59 GMT"), (-62_167_219_200, "Sat, 01 Jan 0000 00:00:00 GMT"),
            (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"), (.max, "Fri, 31 Dec 9999 23:59:59 GMT"),
            (.min, "Sat, 01 Jan 0000 00:00:00 GMT"),
        ]
    )
    func dates(seconds: Int, expected: String) {
        let bytes = HTTPDate.bytes(secondsSince1970: seconds)
        #expect(String(decoding: bytes, as: UTF8.self) == expected)
        #expect(bytes.count == 29)
    }

    @Test("go on day by day through 800 years")
    func everyDay() {
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        var (year, month, day, weekday) = (1970, 0, 1, 4)
        for number in 0..<800 * 366 {
            let digits = { (number: Int) in number < 10 ? "0\(number)" : "\(number)" }
            let expected = "\(weekdays[weekday]), \(digits(day)) \(months[month]) \(year) 12:34:56 GMT"
            let bytes = HTTPDate.bytes(secondsSince1970: number * 86_400 + 45_296)
            if bytes != Array(expected.utf8) {
                Issue.record("\(String(decoding: bytes, as: UTF8.self)) is not \(expected)")
                return
            }
            weekday = (weekday + 1) % 7
            day += 1
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            if day > lengths[month] + (month == 1 && isLeap ? 1 : 0) {
                day = 1
                month = (month + 1) % 12
                if month == 0 { year += 1 }
            }
        }
    }
}

@Suite("Reason phrases")
struct ReasonPhraseTests {
    @Test("are those of the registry, and empty otherwise")
    func phrases() {
        #expect("\(ReasonPhrase.of(200))" == "OK")
        #expect("\(ReasonPhrase.of(413))" == "Content Too Large")
        #expect("\(ReasonPhrase.of(431))" == "Request Header Fields Too Large")
        #expect("\(ReasonPhrase.of(505))" == "HTTP Version Not Supported")
        for status in [0, 99, 299, 306, 418, 430, 499, 599, 1_000] { #expect("\(ReasonPhrase.of(status))".isEmpty) }
        // Each status that a violation answers has its phrase.
        for text in HostileRequest.all.map({ "\(ReasonPhrase.of($0.status))" }) { #expect(!text.isEmpty) }
    }
}
