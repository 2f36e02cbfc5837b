/// How signals of Linux are told.
package enum SignalText {
    /// The names of those that end processes, by number.
    private static let names: [Int: String] = [
        1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 5: "SIGTRAP", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE",
        9: "SIGKILL", 10: "SIGUSR1", 11: "SIGSEGV", 12: "SIGUSR2", 13: "SIGPIPE", 14: "SIGALRM", 15: "SIGTERM",
        24: "SIGXCPU", 25: "SIGXFSZ", 31: "SIGSYS",
    ]

    /// `signal 11 (SIGSEGV)`; of those that Swift's traps raise, that they do: SIGILL on x86, SIGTRAP on ARM.
    package static func text(_ signal: some BinaryInteger) -> String {
        guard let name = names[Int(signal)] else { return "signal \(signal)" }
        let trap = name == "SIGILL" || name == "SIGTRAP" ? ", as by a trap in Swift code" : ""
        return "signal \(signal) (\(name)\(trap))"
    }
}
