import CShims
import Glibc

/// Signals as a descriptor to poll, instead of handlers that run in the middle of anything.
struct Signals {
    /// Becomes readable when one of the signals is there.
    let descriptor: CInt

    /// Blocks `signals` in this thread and all it starts, and reads them from a descriptor.
    init(_ signals: [Int32]) throws(SystemError) {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal) }
        sigprocmask(SIG_BLOCK, &set, nil)
        descriptor = shopfn_signalfd(&set)
        guard descriptor >= 0 else { throw SystemError("signalfd") }
    }

    /// The next signal that is there, or nil.
    func next() -> Int32? {
        let signal = shopfn_next_signal(descriptor)
        return signal > 0 ? signal : nil
    }

    static func ignore(_ signals: [Int32]) {
        for number in signals { _ = signal(number, SIG_IGN) }
    }

    /// Lets every signal through again and gives the named ones their default meaning.
    static func reset(_ signals: [Int32]) {
        for number in signals { _ = signal(number, SIG_DFL) }
        var none = sigset_t()
        sigemptyset(&none)
        sigprocmask(SIG_SETMASK, &none, nil)
    }
}
