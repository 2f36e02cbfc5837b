import Text

/// What the argument parser says of a wrong command line, as a problem and what to do about it.
enum UsageAdvice {
    /// - Parameters:
    ///   - message: The parser's message: one sentence, or two of which the second says what to write.
    ///   - usage: How the command is written, as in `shopfn list [--output <output>]`.
    /// - Returns: Both without a full stop.
    static func parts(of message: String, usage: String?) -> (problem: String, fix: String) {
        for (begin, words) in [(". Did you mean ", "did you mean "), (". Please provide ", "give ")] {
            guard let end = message.end(ofFirst: begin) else { continue }
            let problem = message[..<message.index(end, offsetBy: -begin.count)]
            let rest = message[end...]
            return (String(problem), words + (rest.hasSuffix(".") ? rest.dropLast() : rest))
        }
        guard let usage else { return (message, "see 'shopfn --help'") }
        // Only what is left out or stands where nothing should is seen from how the command is written.
        let isShape = ["Missing expected", "Unexpected ", "Unknown option", "Missing one of"].contains {
            message.hasPrefix($0)
        }
        if isShape { return (message, "write \(usage); more with --help") }
        let command = usage.split(separator: " ").prefix { $0.first?.isLetter == true }.joined(separator: " ")
        return (message, "'\(command) --help' tells more")
    }
}
