/// How a gateway listens and what it bears with.
package struct GatewayConfiguration: Sendable {
    /// The address and port of the HTTP server; port 0 takes a free one.
    package var host: String
    package var port: Int
    /// The socket on which workers of this machine connect; `nil` for none.
    package var workerSocket: String?
    /// The port on which workers and scalers of other machines connect; `nil` for none.
    package var workerPort: WorkerPort?
    /// What a worker must say to be taken: any of these.
    package var tokens: [String]
    /// How long requests are still taken after the gateway was asked to stop and says on its admin port that it is not
    /// ready any more, so that whoever balances load can notice.
    package var shutdownDelay = Duration.zero
    /// Bytes of a head, count of its fields, and the like.
    package var headBytes = 16 << 10
    /// From a request's first byte to its head's end; then 408.
    package var headTimeout: Duration = .seconds(10)
    /// Within such a time a body must bring ``bodyProgress`` bytes or end; else 408.
    package var bodyTimeout: Duration = .seconds(10)
    package var bodyProgress = 4 << 10
    /// How long a connection may stay without a request.
    package var idleTimeout: Duration = .seconds(75)
    /// A body up to this size is read whole before a slot is taken for it, so that a slow sender holds none, and so
    /// that the invocation can be repeated.
    package var bufferedBody = 64 << 10
    /// How long requests under way may take once the gateway stops.
    package var drainTimeout: Duration = .seconds(25)
    /// Event loops; 0 for half the processors, since the workers need the others.
    package var threads = 0

    package init(host: String, port: Int, workerSocket: String, token: String) {
        self.host = host
        self.port = port
        self.workerSocket = workerSocket
        tokens = [token]
    }

    package init(host: String, port: Int, workerPort: WorkerPort, tokens: [String]) {
        self.host = host
        self.port = port
        self.workerPort = workerPort
        self.tokens = tokens
    }
}
