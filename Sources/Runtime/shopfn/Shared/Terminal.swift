import Glibc
import JSON

/// Standard output and standard error, written whole.
enum Terminal {
    /// Writes text to standard output.
    static func write(_ text: String) {
        write(Array(text.utf8), to: STDOUT_FILENO)
    }

    /// Writes a response's body to standard output, as it is; on a terminal a line that is not ended is ended.
    static func writeBody(_ bytes: [UInt8]) {
        write(bytes, to: STDOUT_FILENO)
        let newline = UInt8(ascii: "\n")
        if let last = bytes.last, last != newline, isatty(STDOUT_FILENO) == 1 { write([newline], to: STDOUT_FILENO) }
    }

    /// How this program was called, to be shown in what to type next: by its path, or by its name if `PATH` has it.
    static var program: String { CommandLine.arguments.first ?? "shopfn" }

    /// Writes a JSON document and a line break to standard output.
    static func write(json value: JSONValue) {
        // Only numbers that JSON has no form for can fail, and no result holds one.
        let bytes = (try? value.serialized(.pretty)) ?? Array("null".utf8)
        write(bytes + [UInt8(ascii: "\n")], to: STDOUT_FILENO)
    }

    /// Writes text to standard error.
    static func writeError(_ text: String) {
        write(Array(text.utf8), to: STDERR_FILENO)
    }

    /// Makes writing to a closed pipe an error rather than the end of the process.
    static func ignoreBrokenPipes() {
        signal(SIGPIPE, SIG_IGN)
    }

    static func exit(_ status: ExitStatus) -> Never {
        Glibc.exit(status.rawValue)
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        bytes.withUnsafeBytes { buffer in
            var offset = 0
            while offset < buffer.count {
                let written = Glibc.write(descriptor, buffer.baseAddress?.advanced(by: offset), buffer.count - offset)
                if written > 0 {
                    offset += written
                } else if written < 0, errno != EINTR, errno != EAGAIN {
                    // Nobody reads any more: as for any filter, not worth a word.
                    return
                }
            }
        }
    }
}
