import Glibc

/// A file of shared secrets, one a line; the first is the one to send, every one is good to receive.
///
/// That is how a secret is replaced without anybody being locked out: put the new one first, wait until all peers
/// have it, take the old one away.
package enum TokenFile {
    /// The secrets in the file, surrounding space and empty lines left out.
    ///
    /// - Throws: `TokenFileError` when it cannot be read or holds none.
    package static func tokens(_ path: String) throws(TokenFileError) -> [String] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw TokenFileError(path: path, reason: String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: limit + 1)
        let count = read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { throw TokenFileError(path: path, reason: String(cString: strerror(errno))) }
        guard count <= limit else {
            throw TokenFileError(path: path, reason: "it has more than \(limit) bytes; is it the right file?")
        }
        let lines = bytes[..<count].split { $0 == 0x0A || $0 == 0x0D }.compactMap { line -> String? in
            guard let first = line.firstIndex(where: { !isSpace($0) }),
                let last = line.lastIndex(where: { !isSpace($0) })
            else { return nil }
            return String(validating: line[first...last], as: UTF8.self)
        }
        guard !lines.isEmpty else { throw TokenFileError(path: path, reason: "it holds no secret") }
        return lines
    }

    private static let limit = 16 << 10

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}

/// A token file cannot be used.
package struct TokenFileError: Error, Equatable, Sendable, CustomStringConvertible {
    package let path: String
    package let reason: String

    package var description: String { "the token file \(path) cannot be used: \(reason)" }
}
