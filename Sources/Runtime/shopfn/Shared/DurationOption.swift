import Time

/// Times on the command line, written as in the manifest.
enum DurationOption {
    /// - Throws: `CommandFailure` for what is no time.
    static func parse(_ text: String, option: String) throws -> Duration {
        switch DurationText.parse(text) {
        case .success(let duration): return duration
        case .failure(let mistake):
            throw CommandFailure(.wrongUsage, code: "usage", "\(option): \(mistake.message)", fix: mistake.fix)
        }
    }
}
