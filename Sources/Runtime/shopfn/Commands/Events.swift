import ArgumentParser
import Events
import Glibc
import JSON

/// `shopfn events`: sample events.
struct EventsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "Print sample events, for 'shopfn invoke --event' and for tests.",
        subcommands: [EventsHTTPCommand.self]
    )
}

/// `shopfn events http`: an HTTP event as API Gateway sends it.
struct EventsHTTPCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "http",
        abstract: "Print an HTTP event: the API Gateway HTTP API payload.",
        discussion: "A body that is no text is given in Base64, as API Gateway does."
    )

    @OptionGroup var request: RequestOptions
    @OptionGroup var output: OutputOptions

    @Option(name: .customLong("version"), help: "The payload's version: 2.0 or 1.0.")
    var version = PayloadVersion.two

    func run() async throws {
        var event = try request.event()
        if event.values(ofHeader: "host").isEmpty { event.headers.insert(.init("Host", "localhost:8080"), at: 0) }
        if event.values(ofHeader: "user-agent").isEmpty {
            event.headers.append(.init("User-Agent", "shopfn/\(ShopfnVersion.text)"))
        }
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let time = EventTime(milliseconds: now.tv_sec * 1_000 + now.tv_nsec / 1_000_000)
        event.requestID = "sample-\(time.milliseconds)"
        // The result is JSON for people and programs alike.
        Terminal.write(json: event.json(version: version, time: time))
    }
}

extension PayloadVersion: ExpressibleByArgument {}
