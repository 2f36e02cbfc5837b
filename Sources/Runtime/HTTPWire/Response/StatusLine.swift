/// Status lines of HTTP/1.1, which answers to HTTP/1.0 carry as well (RFC 9110 §2.5).
enum StatusLine {
    /// Appends the line for a status of three digits.
    static func append(_ status: Int, to output: inout [UInt8]) {
        if status == 200 {
            output.append("HTTP/1.1 200 OK\r\n")
            return
        }
        output.append("HTTP/1.1 ")
        output.append(decimal: status)
        // The space stands also before an empty phrase (RFC 9112 §4).
        output.append(" ")
        output.append(ReasonPhrase.of(status))
        output.append("\r\n")
    }
}
