import Glibc

/// A system call that failed.
package struct SystemError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What was tried, for example `connect /run/gateway.sock`.
    package let action: String
    package let code: Int32

    /// Takes `errno` as it stands.
    init(_ action: String) {
        self.init(action, code: errno)
    }

    init(_ action: String, code: Int32) {
        self.action = action
        self.code = code
    }

    package var description: String {
        "\(action): \(String(cString: strerror(code))) (errno \(code))"
    }
}
