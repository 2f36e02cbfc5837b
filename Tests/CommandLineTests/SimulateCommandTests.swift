import Foundation
import JSON
import Testing

/// `shopfn simulate`, run as a user runs it.
@Suite struct SimulateCommandTests {
    private static let functions =
        "id,trigger,avg_ms,p0_ms,p50_ms,p75_ms,p99_ms,p100_ms,mem_mb\n"
        + "busy,http,50,5,30,60,300,900,256\nclock,timer,20,20,20,20,20,20,0\nrare,queue,5,,,,,,64\n"

    /// Two hours of a busy function, one called by a clock, and one called twice.
    private static var invocations: String {
        func line(_ id: String, _ count: (Int) -> Int) -> String {
            id + "," + (0..<120).map { String(count($0)) }.joined(separator: ",") + "\n"
        }
        return line("busy") { 40 + $0 % 7 * 10 } + line("clock") { $0 % 10 == 3 ? 1 : 0 }
            + line("rare") { $0 == 20 || $0 == 100 ? 1 : 0 }
    }

    private func folder() throws -> Shopfn {
        let folder = try TemporaryFolder()
        try folder.write("f.csv", Self.functions)
        try folder.write("shop_invocations.csv", Self.invocations)
        return Shopfn(folder: folder)
    }

    @Test func theDocumentHasEveryFigureOfEveryPolicy() throws {
        let shopfn = try folder()
        let result = try shopfn(
            "simulate",
            "--functions",
            "f.csv",
            "--invocations",
            "shop_invocations.csv",
            "--output",
            "json"
        )
        #expect(result.status == 0 && result.errors == "")
        let document = try result.json()
        #expect(document["set"] == "shop")
        #expect(document["parameters"]?["concurrency"] == 10)
        #expect(document["parameters"]?["startSeconds"]?.doubleValue == 2)
        #expect(document["parameters"]?["placement"] == "poisson")
        let policies = try #require(document["policies"]?.arrayValue)
        let names = policies.compactMap { $0["policy"]?.stringValue }
        #expect(names.suffix(2) == ["always-on", "oracle"])
        #expect(Set(names).isSuperset(of: ["adaptive", "concurrency", "keda", "hybrid"]))
        let requests = (0..<120).reduce(0) { $0 + 40 + $1 % 7 * 10 } + 12 + 2
        for policy in policies {
            #expect(policy["requests"]?.intValue == requests)
            for figure in [
                "cold", "coldPercent", "coldPercentOverFunctions", "waitMeanMs", "waitP50Ms", "waitP99Ms", "waitP999Ms",
                "failed", "workerSeconds", "idleWorkerSeconds", "starts", "costEstimate",
            ] {
                #expect(policy[figure]?.doubleValue != nil, "\(figure)")
            }
        }
        let oracle = try #require(policies.last)
        #expect(oracle["cold"] == 0 && oracle["waitMeanMs"]?.doubleValue == 0)
        for policy in policies.dropLast() {
            let seconds = try #require(policy["workerSeconds"]?.doubleValue)
            let least = try #require(oracle["workerSeconds"]?.doubleValue)
            #expect(seconds > least)
        }
    }

    @Test func theSameSeedGivesTheSameDocument() throws {
        let shopfn = try folder()
        func run(_ seed: String) throws -> String {
            try shopfn(
                "simulate",
                "--functions",
                "f.csv",
                "--invocations",
                "shop_invocations.csv",
                "--policy",
                "adaptive",
                "--output",
                "json",
                "--seed",
                seed
            ).text
        }
        #expect(try run("5") == run("5"))
        #expect(try run("5") != run("6"))
    }

    @Test func policiesAreNamedWithTheirSettings() throws {
        let shopfn = try folder()
        let result = try shopfn(
            "simulate",
            "--functions",
            "f.csv",
            "--invocations",
            "shop_invocations.csv",
            "--policy",
            "concurrency:target=5,stable=30s",
            "--policy",
            "fixed:idle=90s,min=1",
            "--output",
            "csv",
            "--start",
            "0.2s",
            "--concurrency",
            "4",
            "--placement",
            "uniform"
        )
        #expect(result.status == 0)
        let lines = result.text.split(separator: "\r\n")
        #expect(lines.count == 5)
        #expect(lines[0].hasPrefix("policy,requests,cold,coldPercent,"))
        #expect(lines[1].hasPrefix("\"concurrency:target=5,stable=30s\","))
        #expect(lines[2].hasPrefix("\"fixed:idle=90s,min=1\","))
        #expect(lines[3].hasPrefix("always-on,") && lines[4].hasPrefix("oracle,"))
    }

    @Test func theTableIsForPeople() throws {
        let shopfn = try folder()
        let result = try shopfn("simulate", "--functions", "f.csv", "--invocations", "shop_invocations.csv")
        #expect(result.status == 0 && result.errors == "")
        #expect(result.text.hasPrefix("shop: "))
        #expect(result.text.contains("POLICY") && result.text.contains("worker-hours a day"))
    }

    @Test func thePageNeedsNoNetworkAndEscapesNames() throws {
        let shopfn = try folder()
        let hostile = "<script>alert(1)</script>"
        try Data(Self.functions.replacing("rare,", with: hostile + ",").utf8)
            .write(to: shopfn.folder.appending(path: "f.csv"))
        try Data(Self.invocations.replacing("rare,", with: hostile + ",").utf8)
            .write(to: shopfn.folder.appending(path: "i.csv"))
        let result = try shopfn(
            "simulate",
            "--functions",
            "f.csv",
            "--invocations",
            "i.csv",
            "--output",
            "html",
            "--chart",
            hostile,
            "--chart",
            "clock"
        )
        #expect(result.status == 0 && result.errors == "")
        let page = result.text
        #expect(page.hasPrefix("<!DOCTYPE html>") && page.hasSuffix("</html>\n"))
        #expect(!page.contains("<script") && page.contains("&lt;script&gt;"))
        for address in ["http:", "https:", "src=", "url(", "@import", "<link"] { #expect(!page.contains(address)) }
        // Both sizes of the plot and of each function's chart.
        #expect(page.components(separatedBy: "<svg").count == 1 + 2 + 4)
        #expect(!page.contains("NaN") && !page.contains("inf"))
    }

    @Test func aDemandLogIsReplayed() throws {
        let shopfn = try folder()
        var log = "# shopfn demand log 1\nminute,function,invocations,avg_ms,p50_ms,p99_ms,max_ms\n"
        for minute in 10..<40 { log += "2026-11-27T21:\(minute):00Z,list-products,\(minute),12,10,40,55\n" }
        try Data(log.utf8).write(to: shopfn.folder.appending(path: "demand.csv"))
        let result = try shopfn("simulate", "--from", "demand.csv", "--output", "json", "--policy", "hybrid")
        #expect(result.status == 0 && result.errors == "")
        let document = try result.json()
        #expect(document["set"] == "demand" && document["parameters"]?["minutes"] == 30)
        #expect(document["policies"]?.arrayValue?.first?["requests"]?.intValue == (10..<40).reduce(0, +))
    }

    @Test func mistakesAreToldWithTheirLineAndFix() throws {
        let shopfn = try folder()
        func errors(_ arguments: [String]) throws -> String {
            let result: Shopfn.Result =
                switch arguments.count {
                case 0: try shopfn("simulate")
                case 2: try shopfn("simulate", arguments[0], arguments[1])
                case 4: try shopfn("simulate", arguments[0], arguments[1], arguments[2], arguments[3])
                default:
                    try shopfn(
                        "simulate",
                        arguments[0],
                        arguments[1],
                        arguments[2],
                        arguments[3],
                        arguments[4],
                        arguments[5]
                    )
                }
            #expect(result.status == 2 && result.text == "")
            return result.errors
        }
        #expect(try errors([]) == "shopfn: no traffic to replay; give --functions and --invocations, or --from\n")
        #expect(try errors(["--functions", "f.csv"]).contains("belong together"))
        #expect(try errors(["--from", "a", "--functions", "b"]).contains("give one or the other"))
        #expect(try errors(["--from", "absent.csv"]).hasPrefix("shopfn: absent.csv: No such file or directory; "))
        #expect(try errors(["--from", "f.csv"]).hasPrefix("shopfn: f.csv:1: not a demand log; "))
        let files = ["--functions", "f.csv", "--invocations", "shop_invocations.csv"]
        #expect(
            try errors(["--functions", "f.csv", "--invocations", "f.csv"]).hasPrefix("shopfn: f.csv:1: function `id`")
        )
        #expect(
            try errors(files + ["--policy", "kpa"]).contains("--policy: there is no policy 'kpa'; the policies are")
        )
        #expect(try errors(files + ["--start", "2"]).contains("write 2s for seconds"))
        #expect(try errors(files + ["--concurrency", "0"]).contains("from 1 to 10000"))
        #expect(try errors(files + ["--minutes", "5-500"]).contains("write FROM-TO, such as 0-120"))
        #expect(try errors(files + ["--without-trigger", "cron"]).contains("the triggers are http, queue, timer"))
        #expect(try errors(files + ["--chart", "nobody"]).contains("no function 'nobody'"))
    }
}
