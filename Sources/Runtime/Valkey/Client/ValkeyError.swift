import Text

/// Why a command has no usable reply.
public enum ValkeyError: Error, Hashable, Sendable {
    /// The URL cannot be read.
    case invalidURL(String)
    /// The configuration cannot be used, such as a certificate that cannot be read.
    case invalidConfiguration(String)
    /// The command would disturb the other callers of the connection, or is not well formed.
    case invalidCommand(String)
    /// No connection came about in time; the command was not sent.
    case unreachable(endpoint: String, reason: String)
    /// The server is there but does not let this client in (password, user, database); the command was not sent.
    case rejected(endpoint: String, reason: String)
    /// The connection broke while the reply was awaited; the server may have executed the command.
    case connectionLost(reason: String)
    /// The deadline passed.
    case timedOut(maybeExecuted: Bool)
    /// The calling task was cancelled.
    case cancelled(maybeExecuted: Bool)
    /// Too many commands await their replies; the command was not sent.
    case overloaded(String)
    /// The server replied with an error.
    case server(ValkeyServerError)
    /// The reply is of another kind than the command's.
    case unexpectedReply(String)
    /// The client was closed.
    case closed
}

extension ValkeyError {
    /// Whether the server may have executed the command although there is no reply.
    public var maybeExecuted: Bool {
        switch self {
        case .connectionLost: true
        case .timedOut(let maybe), .cancelled(let maybe): maybe
        default: false
        }
    }

    /// Whether the server cannot be used at the moment, so that the same call may well succeed later.
    public var isUnavailable: Bool {
        switch self {
        case .unreachable, .rejected, .connectionLost, .timedOut, .overloaded: true
        case .server(let error): error.isTemporary
        default: false
        }
    }
}

extension ValkeyError: CustomStringConvertible {
    /// What went wrong, in words.
    public var description: String {
        switch self {
        case .invalidURL(let what): "the Valkey URL cannot be used: \(what)"
        case .invalidConfiguration(let what): "the Valkey client cannot be set up: \(what)"
        case .invalidCommand(let what): "the command cannot be sent: \(what)"
        case .unreachable(let endpoint, let reason): "Valkey at \(endpoint) cannot be reached: \(reason)"
        case .rejected(let endpoint, let reason): "Valkey at \(endpoint) refuses this client: \(reason)"
        case .connectionLost(let reason): "the connection to Valkey broke before the reply came: \(reason)"
        case .timedOut(let maybe): "Valkey did not reply in time" + Self.executed(maybe)
        case .cancelled(let maybe): "the call of Valkey was cancelled" + Self.executed(maybe)
        case .overloaded(let what): "too much is waiting for Valkey: \(what)"
        case .server(let error) where error.code == "MOVED":
            "the server is one of a cluster's, add ?cluster=true to its URL: it replied \(error)"
        case .server(let error): "Valkey replied with an error: \(error)"
        case .unexpectedReply(let what): "Valkey's reply is not what the command returns: \(what)"
        case .closed: "the Valkey client is closed"
        }
    }

    private static func executed(_ maybe: Bool) -> String {
        maybe ? "; the command may have been executed" : "; the command was not sent"
    }
}

/// An error that the server replied with.
public struct ValkeyServerError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The first word, by which kinds of errors are told apart, such as `WRONGTYPE`.
    public var code: String
    /// The whole line.
    public var message: String

    /// Splits the code off an error's line.
    public init(_ message: String) {
        self.message = message
        code = String(message.prefix { $0 != " " })
    }

    /// Whether the server says that it cannot serve now but will: loading, failing over, moving a slot, too many clients.
    public var isTemporary: Bool {
        switch code {
        case "LOADING", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "ASK", "READONLY", "BUSY", "NOREPLICAS", "UNBLOCKED":
            true
        default:
            message.hasPrefix("ERR max number of clients")
                // Of a script, when a part of the slot's keys is already on another node.
                || message.includes("attempted to access a non local key")
        }
    }

    /// The whole line.
    public var description: String { message }
}
