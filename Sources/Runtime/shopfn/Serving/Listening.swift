import Glibc
import NIOCore

/// Begins to listen where the options of a command say.
///
/// - Throws: `CommandFailure` that says why not, and names the option to choose another place with.
func listen(_ option: String, _ host: String, _ port: Int, _ start: () async throws -> Void) async throws {
    do {
        try await start()
    } catch {
        let (reason, fix) = explanation(of: error, option)
        throw CommandFailure(
            .unreachable,
            code: "no-port",
            "\(ListeningAddress.text(host, port)) can not be listened on: \(reason)",
            fix: fix
        )
    }
}

private func explanation(of error: any Error, _ option: String) -> (reason: String, fix: String) {
    let otherPort = "choose another with --\(option)"
    // `--port` goes with `--host`, `--admin-port` with `--admin-host`.
    let otherHost = "name an address of this machine with --\(option.hasPrefix("admin") ? "admin-host" : "host")"
    if let unknown = error as? SocketAddressError.UnknownHost {
        return ("no address is known of '\(unknown.host)'", otherHost)
    }
    guard let error = error as? IOError else { return ("\(error)", "end what uses it, or \(otherPort)") }
    switch error.errnoCode {
    case EADDRINUSE:
        return ("something listens there already, perhaps another shopfn", "end it, or \(otherPort)")
    case EACCES: return ("ports below 1024 are the administrator's", otherPort)
    case EADDRNOTAVAIL: return ("this machine has no such address", otherHost)
    default: return (String(cString: strerror(error.errnoCode)), otherPort)
    }
}
