import ArgumentParser
import Events
import Glibc

/// `--method`, `--path`, `--data`, `--header`, `--query`: a request put together on the command line.
struct RequestOptions: ParsableArguments {
    @Option(help: "The request's method; GET, or POST when there is a body.")
    var method: String?

    @Option(help: "The request's path, with or without a query.")
    var path: String?

    @Option(help: ArgumentHelp("The request's body, or @FILE to read it, or @- for standard input.", valueName: "text"))
    var data: String?

    @Option(
        name: [.customLong("header"), .customShort("H")],
        help: ArgumentHelp("A header, any number of times.", valueName: "name: value")
    )
    var headers: [String] = []

    @Option(
        name: [.customLong("query")],
        help: ArgumentHelp("A query parameter, any number of times.", valueName: "name=value")
    )
    var queries: [String] = []

    /// Whether any of these options was given.
    var isGiven: Bool { method != nil || path != nil || data != nil || !headers.isEmpty || !queries.isEmpty }

    /// The event these options describe.
    ///
    /// - Parameters:
    ///   - defaultMethod: The method where none is given.
    ///   - defaultPath: The path where none is given.
    /// - Returns: The event; its request id is left empty.
    /// - Throws: `CommandFailure` that names the option that cannot be understood.
    func event(defaultMethod: String? = nil, defaultPath: String = "/") throws -> HTTPEvent {
        let body = try body()
        let parts = (path ?? defaultPath).split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts[0].hasPrefix("/") else {
            throw wrong("path", "'\(parts[0])' does not begin with a slash", fix: "write it as in --path /api/products")
        }
        let method = (method ?? defaultMethod ?? (body.isEmpty ? "GET" : "POST")).uppercased()
        guard Self.isToken(method) else {
            throw wrong("method", "'\(method)' is no HTTP method", fix: "write one such as GET or POST")
        }
        var query = parts.count > 1 ? PercentEncoding.encode(String(parts[1]), keeping: PercentEncoding.query) : ""
        let added = PercentEncoding.query(of: try queries.map(parameter))
        if !added.isEmpty { query += (query.isEmpty ? "" : "&") + added }
        return HTTPEvent(
            method: method,
            path: PercentEncoding.encode(String(parts[0]), keeping: PercentEncoding.path),
            query: query,
            headers: try headers.map(header),
            body: body
        )
    }

    private func body() throws -> [UInt8] {
        guard let data else { return [] }
        guard data.hasPrefix("@") else { return Array(data.utf8) }
        let name = String(data.dropFirst())
        do throws(FileSystem.Failure) {
            let limit = 64 << 20
            return name == "-"
                ? try FileSystem.read(STDIN_FILENO, upTo: limit) : try FileSystem.read(name, upTo: limit)
        } catch {
            throw wrong(
                "data",
                "\(name) cannot be read: \(error.reason)",
                fix: "name a readable file; a text that starts with '@' comes from a file or --data @-"
            )
        }
    }

    private func header(_ text: String) throws -> HTTPEvent.Field {
        guard let colon = text.firstIndex(of: ":"), Self.isToken(String(text[..<colon])) else {
            throw wrong("header", "'\(text)' is no header", fix: "write it as in --header 'Accept: text/plain'")
        }
        let value = text[text.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
        guard !value.unicodeScalars.contains(where: { $0.value < 0x20 && $0 != "\t" || $0.value == 0x7F }) else {
            throw wrong("header", "the value of '\(text[..<colon])' holds a control character", fix: "remove it")
        }
        return HTTPEvent.Field(String(text[..<colon]), String(value))
    }

    private func parameter(_ text: String) throws -> HTTPEvent.Field {
        guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
            throw wrong("query", "'\(text)' is no parameter", fix: "write it as in --query page=2")
        }
        return HTTPEvent.Field(String(text[..<equals]), String(text[text.index(after: equals)...]))
    }

    /// Whether a text is a token of RFC 9110 §5.6.2.
    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }

    private func wrong(_ option: String, _ message: String, fix: String) -> CommandFailure {
        CommandFailure(.wrongUsage, code: "usage", "--\(option): \(message)", fix: fix)
    }
}
