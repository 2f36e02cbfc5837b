import Foundation
import JSON
import Testing

@Suite struct EventsCommandTests {
    private let shopfn = Shopfn(folder: URL(filePath: "/"))

    @Test func anEventHasWhatTheOptionsSay() throws {
        let result = try shopfn(
            "events",
            "http",
            "--method",
            "put",
            "--path",
            "/a b?x=1",
            "--query",
            "y=2 3",
            "-H",
            "X-Tag: one",
            "-H",
            "Cookie: a=1; b=2",
            "--data",
            "{}"
        )
        #expect(result.status == 0)
        let event = try result.json()
        #expect(event["version"] == "2.0" && event["rawPath"] == "/a%20b" && event["rawQueryString"] == "x=1&y=2%203")
        #expect(event["requestContext"]?["http"]?["method"] == "PUT")
        #expect(event["headers"]?["x-tag"] == "one" && event["cookies"] == ["a=1", "b=2"] && event["body"] == "{}")
    }

    @Test func theMethodFollowsTheBodyAndTheVersionTheOption() throws {
        #expect(try shopfn("events", "http").json()["requestContext"]?["http"]?["method"] == "GET")
        let one = try shopfn("events", "http", "--version", "1.0", "--data", "x").json()
        #expect(one["httpMethod"] == "POST" && one["version"] == "1.0")
    }

    @Test func bodiesComeFromFilesAndStandardInput() throws {
        let folder = try TemporaryFolder()
        try folder.write("body", "from a file")
        let here = Shopfn(folder: folder)
        #expect(try here("events", "http", "--data", "@body").json()["body"] == "from a file")
        let binary = try here("events", "http", "--data", "@-", input: [0x00, 0xFF]).json()
        #expect(binary["body"] == "AP8=" && binary["isBase64Encoded"] == true)
        let missing = try here("events", "http", "--data", "@none")
        #expect(missing.status == 2 && missing.errors.contains("none cannot be read: No such file or directory"))
    }

    @Test(arguments: [
        ["--header", "no colon"], ["--header", "a b: c"], ["--query", "novalue"], ["--query", "=x"], ["--path", "x"],
        ["--method", "G T"], ["--version", "3.0"],
    ])
    func wrongOptionsAreNamed(_ option: [String]) throws {
        let result = try shopfn("events", "http", option[0], option[1])
        #expect(result.status == 2 && result.text == "")
        #expect(result.errors.contains(option[0]))
        #expect(result.errors.split(separator: "\n").count == 1)
    }

    @Test func aBodyThatIsTooLargeToReadIsNotCut() throws {
        let folder = try TemporaryFolder()
        try folder.write("large", "")
        // Sparse: it takes no room.
        let file = try FileHandle(forWritingTo: folder.url.appending(path: "large"))
        try file.truncate(atOffset: 65 << 20)
        try file.close()
        let result = try Shopfn(folder: folder)("events", "http", "--data", "@large")
        #expect(
            result.status == 2 && result.text == "" && result.errors.contains("more than 64 MiB"),
            "\(result.errors)"
        )
    }
}
