import ArgumentParser

/// `--host`, `--port` and `--threads`, for commands that take HTTP.
struct HTTPOptions: ParsableArguments {
    @Option(help: "The address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "The port to listen on; 0 takes a free one.")
    var port = 8080

    @Option(help: "Event loops of the gateway; 0 for half the processors, as the workers need the others.")
    var threads = 0

    func validate() throws {
        try AdminOptions.check(port: port)
        guard (0...256).contains(threads) else { throw ValidationError("--threads is a number from 0 to 256") }
    }

    /// Where it answers, with the port that was taken for 0.
    func url(port: Int? = nil) -> String {
        "http://\(ListeningAddress.text(host, port ?? self.port))"
    }
}
