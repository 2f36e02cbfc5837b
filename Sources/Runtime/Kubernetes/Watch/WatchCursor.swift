/// What follows on what became of a watch; pure.
package struct WatchCursor: Sendable {
    /// What is to be done next.
    package enum Step: Equatable, Sendable {
        case list
        case watch(since: String)
    }

    package private(set) var step = Step.list
    /// How long to wait before it.
    package private(set) var delay = Duration.zero
    private var failures = 0

    package static let firstDelay = Duration.milliseconds(100)
    package static let longestDelay = Duration.seconds(10)

    package init() {}

    package mutating func listed(_ version: String) {
        step = .watch(since: version)
        delay = .zero
        failures = 0
    }

    /// An event or a bookmark came; from here the watch is to be resumed.
    package mutating func reached(_ version: String) {
        guard !version.isEmpty, case .watch = step else { return }
        step = .watch(since: version)
        delay = .zero
        failures = 0
    }

    /// The server ended the watch without saying why.
    ///
    /// - Parameter wasShort: Whether it had hardly begun, so that beginning again at once might never end.
    package mutating func ended(wasShort: Bool) {
        if wasShort { backOff() } else { delay = .zero }
    }

    /// Listing or watching failed.
    ///
    /// - Returns: Whether anybody need hear of it: a state that is no longer kept is an everyday matter.
    package mutating func failed(_ error: KubernetesError) -> Bool {
        if error.isGone {
            // At once the first time; a server that says so again and again is not to be pressed.
            if step == .list { backOff() } else { delay = failures == 0 ? .zero : delay }
            failures += 1
            step = .list
            return false
        }
        if case .malformed = error { step = .list }
        backOff()
        return true
    }

    private mutating func backOff() {
        delay = min(Self.firstDelay * (1 << min(failures, 10)), Self.longestDelay)
        failures += 1
    }
}
