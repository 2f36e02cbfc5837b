package import FunctionKit
package import Valkey

extension FunctionContext {
    /// A client of the shop's Valkey, which `VALKEY_URL` names. Nothing is connected yet.
    ///
    /// - Throws: `EnvironmentError` when it is not set, `ValkeyError` when it is no URL.
    package func makeValkey() throws -> ValkeyClient {
        let logger = self.logger
        let configuration = ValkeyConfiguration(
            timeout: .seconds(2),
            connectionPatience: .milliseconds(700),
            onEvent: { event in
                switch event {
                case .connected(let endpoint): logger.debug("connected to Valkey at \(endpoint)")
                case .disconnected(let endpoint, let reason):
                    logger.warning("no connection to Valkey at \(endpoint): \(reason)")
                }
            }
        )
        return try ValkeyClient(environment.string("VALKEY_URL"), configuration: configuration)
    }
}
