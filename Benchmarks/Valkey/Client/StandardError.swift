import Glibc

/// Where the table goes, so that the standard output is only JSON.
struct StandardError: TextOutputStream {
    func write(_ string: String) {
        var string = string
        string.withUTF8 { bytes in
            // A table that cannot be shown is no reason to fail.
            _ = Glibc.write(STDERR_FILENO, bytes.baseAddress, bytes.count)
        }
    }
}
