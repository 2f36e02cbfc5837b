import Valkey

/// The Valkey that a command is to use.
enum ValkeyChoice {
    /// The one that was named on the command line, else that of `VALKEY_URL`; `nil` where neither says one.
    ///
    /// - Parameter option: The value of `--valkey`.
    /// - Returns: The URL, as it was given.
    /// - Throws: `CommandFailure` for what is no Valkey's URL.
    static func url(_ option: String?) throws -> String? {
        guard let text = option ?? FileSystem.variable("VALKEY_URL") else { return nil }
        do {
            _ = try ValkeyURL(text)
        } catch {
            throw CommandFailure(
                .wrongUsage,
                code: "invalid-valkey-url",
                "\(option == nil ? "VALKEY_URL" : "--valkey"): \(error)",
                fix: "leave it out for a private one"
            )
        }
        return text
    }
}
