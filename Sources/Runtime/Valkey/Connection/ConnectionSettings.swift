/// What a connection machine needs to know.
package struct ConnectionSettings: Sendable {
    /// The server, for messages.
    package var endpoint: String
    /// Commands that are sent first on every connection, each with one reply; none of them may fail.
    package var greeting: [[UInt8]]
    /// How long an attempt to connect may take, greeting included.
    package var connectTimeout: Duration
    /// How long a call waits for a connection at most.
    package var patience: Duration
    /// How long nothing may come beyond an overdue reply before the connection is given up.
    package var silence: Duration
    /// How many calls may await their replies.
    package var maxPending: Int
    /// How many bytes may wait to be written; one call may always wait, however large.
    package var maxWaitingBytes: Int
    /// How much is written at a time.
    package var batchBytes = 256 << 10
    package var backoff: Backoff

    package init(
        endpoint: String,
        greeting: [[UInt8]],
        connectTimeout: Duration = .seconds(2),
        patience: Duration = .seconds(1),
        silence: Duration = .seconds(2),
        maxPending: Int = 10_000,
        maxWaitingBytes: Int = 64 << 20,
        backoff: Backoff = Backoff()
    ) {
        self.endpoint = endpoint
        self.greeting = greeting
        self.connectTimeout = connectTimeout
        self.patience = patience
        self.silence = silence
        self.maxPending = maxPending
        self.maxWaitingBytes = maxWaitingBytes
        self.backoff = backoff
    }
}
