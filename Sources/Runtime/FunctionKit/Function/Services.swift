internal import Synchronization
internal import Worker

/// The clients a worker's function shares.
///
/// None is made before it is asked for.
///
/// Making one starts no thread and connects to nothing; the first call on it does. So a worker that never asks
/// stays as small as it was forked.
final class Services: Sendable {
    /// Where Valkey is when `VALKEY_URL` does not say.
    static let defaultValkey = "valkey://127.0.0.1:6379"

    private let valkeyURL: ValkeyURL
    private let logger: Logger
    /// Who looks after the clients' sockets; nil where they have a thread of their own.
    private let host: TurnHost?
    private let client = Mutex<ValkeyClient?>(nil)

    /// Reads where the services are.
    ///
    /// - Throws: `EnvironmentError` when `VALKEY_URL` cannot be used; better said at the start than by the first
    ///   call.
    init(_ environment: Environment, logger: Logger, host: TurnHost? = nil) throws(EnvironmentError) {
        do throws(ValkeyError) {
            valkeyURL = try ValkeyURL(environment.string("VALKEY_URL", default: Self.defaultValkey))
        } catch {
            throw EnvironmentError(name: "VALKEY_URL", problem: "is wrong: \(error)")
        }
        self.logger = logger
        self.host = host
    }

    var valkey: ValkeyClient {
        client.withLock { client in
            if let client { return client }
            var configuration = ValkeyConfiguration()
            configuration.onEvent = { [logger] event in
                switch event {
                case .connected(let endpoint):
                    logger.debug("connected to Valkey", metadata: ["endpoint": "\(endpoint)"])
                case .disconnected(let endpoint, let reason):
                    logger.warning("no connection to Valkey: \(reason)", metadata: ["endpoint": "\(endpoint)"])
                }
            }
            let made = ValkeyClient(url: valkeyURL, configuration: configuration, host: host)
            client = made
            return made
        }
    }
}
