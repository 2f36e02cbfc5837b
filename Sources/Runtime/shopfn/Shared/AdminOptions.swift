import ArgumentParser

/// `--admin-host` and `--admin-port`, for commands that run until they are ended.
struct AdminOptions: ParsableArguments {
    @Option(help: "The address of the admin port.")
    var adminHost = "127.0.0.1"

    @Option(help: "The port of health checks, metrics and pools; 0 takes a free one.")
    var adminPort = 9090

    func validate() throws {
        try Self.check(port: adminPort)
    }

    /// Where the admin port is, with the port that was taken for 0.
    func url(port: Int? = nil) -> String {
        "http://\(ListeningAddress.text(adminHost, port ?? adminPort))"
    }

    static func check(port: Int) throws {
        guard (0...65_535).contains(port) else { throw ValidationError("a port is a number from 0 to 65535") }
    }
}
