import NIOCore
import NIOPosix

/// What an error of the transport says, in a few words.
func describe(_ error: any Error) -> String {
    switch error {
    case let error as ReplyReader.Malformed: "it does not speak the protocol: \(error.message)"
    case let error as NIOConnectionError:
        if let first = error.connectionErrors.first {
            describe(first.error)
        } else if error.dnsAError != nil || error.dnsAAAAError != nil {
            "the name \(error.host) is not known"
        } else {
            "no address of \(error.host) could be tried"
        }
    case let error as IOError: error.description
    case ChannelError.connectTimeout: "it did not answer in time"
    default: String(describing: error)
    }
}
