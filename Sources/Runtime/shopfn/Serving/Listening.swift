/// Begins to listen where the options of a command say.
///
/// - Throws: `CommandFailure` that names the option to choose another port with.
func listen(_ option: String, _ host: String, _ port: Int, _ start: () async throws -> Void) async throws {
    do {
        try await start()
    } catch {
        throw CommandFailure(
            .unreachable,
            code: "no-port",
            "\(host):\(port) can not be listened on: \(error)",
            fix: "end what uses it, or choose another with --\(option)"
        )
    }
}
