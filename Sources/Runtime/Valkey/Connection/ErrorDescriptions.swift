import Glibc
import NIOCore
import NIOPosix
import NIOSSL
import Text

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
    case let error as IOError: strerror(error.errnoCode).map { String(cString: $0) } ?? error.description
    case ChannelError.connectTimeout: "it did not answer in time"
    case let error as CertificateFileError: error.message
    case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError: describeTLS(String(describing: error))
    default: String(describing: error)
    }
}

/// A certificate or key that was named but cannot be used.
struct CertificateFileError: Error {
    let message: String
}

/// Puts the commonest of the TLS library's errors into words; it tells them apart only in their descriptions.
private func describeTLS(_ text: String) -> String {
    if text.includes("CERTIFICATE_VERIFY_FAILED") {
        "its certificate is not signed by a trusted authority, or not valid now"
    } else if text.includes("failedToValidateHostname") {
        "its certificate is for another name"
    } else if text.includes("CERTIFICATE_REQUIRED") {
        "it asks for a certificate of the client"
    } else if text.includes("WRONG_VERSION_NUMBER") {
        "it does not speak TLS on this port"
    } else {
        "TLS failed: \(text)"
    }
}
