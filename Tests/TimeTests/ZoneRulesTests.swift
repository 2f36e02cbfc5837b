import Foundation
import JSON
import PythonTestSupport
import Randomness
import Testing
import Time

/// The files of the machine's time zone database, against Python's reader of the same.
@Suite struct ZoneRulesTests {
    private static let folder = "/usr/share/zoneinfo"
    private static let python = Python.having("zoneinfo")
    private static let isThere = FileManager.default.fileExists(atPath: folder + "/Europe/Berlin")
    private static let whyNot: Comment = "needs the time zone database (tzdata) and a Python with zoneinfo"

    private static func zone(_ name: String) throws -> ZoneRules {
        try ZoneRules([UInt8](Data(contentsOf: URL(filePath: "\(folder)/\(name)"))))
    }

    /// All zones, the copies with leap seconds left out.
    private static func names() -> [String] {
        let paths = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        return paths.sorted().filter { path in
            guard !path.hasPrefix("right/"), !path.hasPrefix("posix/"), path.first?.isUppercase == true,
                let file = FileHandle(forReadingAtPath: "\(folder)/\(path)")
            else { return false }
            defer { try? file.close() }
            return (try? file.read(upToCount: 4)) == Data("TZif".utf8)
        }
    }

    /// Moments all over two centuries, and both sides of each change of the clocks from 2024 to 2040.
    private static func moments(_ rules: ZoneRules, seed: UInt64) -> [Int] {
        var random = SeededRandom(seed: seed)
        var moments = (0..<40).map { _ in Int.random(in: -2_100_000_000...5_600_000_000, using: &random) }
        let day = 86_400
        var before = 1_704_067_200
        while before < 2_208_988_800 {
            var (low, high) = (before, before + day)
            if rules.offset(at: low) != rules.offset(at: high) {
                while high - low > 1 {
                    let middle = (low + high) / 2
                    if rules.offset(at: middle) == rules.offset(at: low) { low = middle } else { high = middle }
                }
                moments += [low, high]
            }
            before += day
        }
        return moments
    }

    private static let script = """
        import json, sys
        from datetime import datetime
        from zoneinfo import ZoneInfo
        def offset(zone, moment): return round(datetime.fromtimestamp(moment, zone).utcoffset().total_seconds())
        print(json.dumps({n: [offset(ZoneInfo(n), m) for m in ms] for n, ms in json.load(sys.stdin).items()}))
        """

    @Test(.enabled(if: isThere && python != nil, whyNot))
    func everyZoneGoesAsPythonSays() throws {
        var asked = JSONObject()
        var own: [String: [Int]] = [:]
        var changes = 0
        for (index, name) in Self.names().enumerated() {
            let rules = try Self.zone(name)
            let moments = Self.moments(rules, seed: UInt64(index))
            changes += moments.count - 40
            asked[name] = .array(moments.map { .int($0) })
            own[name] = moments.map { rules.offset(at: $0) }
        }
        #expect(own.count > 300 && changes > 2_000, "the database is small: \(own.count) zones, \(changes) changes")
        let input = "\(JSONValue.object(asked))"
        let (status, output) = try Python.run(try #require(Self.python), ["-c", Self.script], input: input)
        #expect(status == 0)
        let answer = try JSONValue(parsing: Array(output.utf8))
        for (name, offsets) in own {
            #expect(answer[name]?.arrayValue?.compactMap(\.intValue) == offsets, "\(name)")
        }
    }

    /// A file of the first version's form with one change, and one of the second with a rule.
    private static func file(version: UInt8, footer: String) -> [UInt8] {
        func number(_ value: Int, _ width: Int) -> [UInt8] {
            (0..<width).reversed().map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
        }
        func block(_ width: Int) -> [UInt8] {
            Array("TZif".utf8) + [version] + [UInt8](repeating: 0, count: 15)
                + [0, 0, 0, 1, 2, 8].flatMap { number($0, 4) } + number(1_000, width) + [1]
                + number(3_600, 4) + [0, 0] + number(-7_200, 4) + [1, 4] + Array("AAA\0BBB\0".utf8)
        }
        return version == 0 ? block(4) : block(4) + block(8) + Array("\n\(footer)\n".utf8)
    }

    @Test func changesAndTheRuleAfterThem() throws {
        for file in [Self.file(version: 0, footer: ""), Self.file(version: UInt8(ascii: "2"), footer: "")] {
            let rules = try ZoneRules(file)
            #expect([Int.min, 0, 999].map { rules.offset(at: $0) } == [3_600, 3_600, 3_600])
            #expect([1_000, 5_000_000_000, Int.max].map { rules.offset(at: $0) } == [-7_200, -7_200, -7_200])
        }
        let ruled = try ZoneRules(Self.file(version: UInt8(ascii: "3"), footer: "CET-1CEST,M3.5.0,M10.5.0/3"))
        #expect(ruled.offset(at: 999) == 3_600)
        // 2100-03-28T01:00:00Z and 2100-10-31T01:00:00Z.
        #expect([4_109_878_799, 4_109_878_800].map { ruled.offset(at: $0) } == [3_600, 7_200])
        #expect([4_128_627_599, 4_128_627_600].map { ruled.offset(at: $0) } == [7_200, 3_600])
    }

    /// A rule, with the first seconds of 2027 and of July 2027.
    @Test(arguments: [
        ("UTC0", 0, 0), ("<-03>3", -10_800, -10_800), ("<+0545>-5:45", 20_700, 20_700),
        ("EST5EDT,M3.2.0,M11.1.0", -18_000, -14_400), ("AEST-10AEDT,M10.1.0,M4.1.0/3", 39_600, 36_000),
        ("IST-1GMT0,M10.5.0,M3.5.0/1", 0, 3_600), ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", -7_200, -3_600),
        ("XXX3EDT4,0/0,J365/23", -14_400, -14_400), ("EST5EDT,J60/2,J300/2", -18_000, -14_400),
        ("EST5EDT,59/2,299/2", -18_000, -14_400), ("IST-2IDT,M3.4.4/26,M10.5.0", 7_200, 10_800),
    ])
    func rulesOfTheYear(_ rule: String, _ january: Int, _ july: Int) throws {
        let rules = try ZoneRules(Self.file(version: UInt8(ascii: "3"), footer: rule))
        #expect(rules.offset(at: 1_798_761_600) == january)
        #expect(rules.offset(at: 1_814_400_000) == july)
    }

    @Test(arguments: [
        "X0", "CET", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-25", "CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.6.0,M10.5.0",
        "CET-1CEST,M3.5.0,M10.5.0 ", "CET-1CEST,M3.5.0/168,M10.5.0", "<CET-1", "CET-1:60", "CET-1CEST,J0,J365",
    ])
    func rulesThatAreNone(_ rule: String) {
        #expect(throws: ZoneFileError.unknownRule(rule)) {
            _ = try ZoneRules(Self.file(version: UInt8(ascii: "2"), footer: rule))
        }
    }

    @Test func filesThatAreNone() throws {
        #expect(throws: ZoneFileError.notTZif) { _ = try ZoneRules([]) }
        #expect(throws: ZoneFileError.notTZif) { _ = try ZoneRules(Array("# a table".utf8)) }
        let whole = Self.file(version: UInt8(ascii: "2"), footer: "UTC0")
        for count in 4..<whole.count {
            #expect(throws: ZoneFileError.self, "\(count)") { _ = try ZoneRules(Array(whole.prefix(count))) }
        }
        var random = SeededRandom(seed: 7)
        for _ in 0..<2_000 {
            var bytes = whole
            for _ in 0...Int.random(in: 0..<6, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            // Whatever stands there, it is read or refused.
            if let rules = try? ZoneRules(bytes) { _ = [Int.min, 0, 1_798_761_600, Int.max].map(rules.offset) }
        }
    }
}
