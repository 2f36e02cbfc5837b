import Synchronization

/// Which of two threads reads the connection.
///
/// The reader runs short handlers itself, which spares waking another thread for each. Before it does, it lends
/// the baton; a handler that keeps it longer than `patience` loses it to the thread that stands by, which reads on.
/// So a handler that blocks its thread delays nobody else by more than that and the time between two looks of the
/// standby, and the two have changed roles.
final class Baton: Sendable {
    /// How long a handler may keep the reader, in nanoseconds.
    static let patience: Int64 = 1_000_000
    /// How long the standby waits between looks while handlers are short, in nanoseconds.
    private static let calm: Int64 = 4_000_000
    /// How often it looks after each `patience`, before it is calm.
    private static let looksBeforeCalm = 100
    /// How often an idle standby looks before it sleeps until it is called.
    private static let looksBeforeSleep = 50

    /// 0 while the reader has it, else when it was lent.
    private let lent = Atomic<Int64>(0)
    private let isSomebodyWaiting = Atomic<Bool>(false)
    private let isAsleep = Atomic<Bool>(false)
    private let call: Wake

    init() throws(SystemError) {
        call = try Wake()
    }

    // MARK: The reader

    /// Whether a thread stands by to take over; without one the reader must not run handlers.
    var hasStandby: Bool { isSomebodyWaiting.load(ordering: .acquiring) }

    /// Lends the baton; everything the reader owns may be another thread's from now on.
    func lend(at now: Int64) {
        lent.store(now, ordering: .sequentiallyConsistent)
        if isAsleep.load(ordering: .sequentiallyConsistent) { call.now() }
    }

    /// Takes the baton back; false when it went to the standby.
    func takeBack(lentAt instant: Int64) -> Bool {
        lent.compareExchange(expected: instant, desired: 0, ordering: .sequentiallyConsistent).exchanged
    }

    // MARK: The standby

    /// Waits until the baton has been lent for too long, and takes it.
    ///
    /// It looks every millisecond while handlers run, every four when none was long for a while, and sleeps while
    /// nothing happens.
    func standBy() throws(SystemError) {
        isSomebodyWaiting.store(true, ordering: .releasing)
        var idleLooks = 0
        var looks = 0
        while true {
            let since = lent.load(ordering: .sequentiallyConsistent)
            if since != 0, MonotonicClock.now() - since >= Self.patience {
                // From here on nobody stands by, until the other thread comes back from its handler.
                isSomebodyWaiting.store(false, ordering: .releasing)
                if takeBack(lentAt: since) { return }
                isSomebodyWaiting.store(true, ordering: .releasing)
            }
            idleLooks = since == 0 ? idleLooks + 1 : 0
            if idleLooks > Self.looksBeforeSleep {
                try sleepUntilCalled()
                idleLooks = 0
            } else {
                looks += 1
                _ = try Poll.wait([.nothing], nanoseconds: looks > Self.looksBeforeCalm ? Self.calm : Self.patience)
            }
        }
    }

    private func sleepUntilCalled() throws(SystemError) {
        isAsleep.store(true, ordering: .sequentiallyConsistent)
        // Lent between the last look and now: the reader may not have seen that it should call.
        if lent.load(ordering: .sequentiallyConsistent) == 0 {
            _ = try Poll.wait([.read(call.descriptor)], nanoseconds: nil)
        }
        isAsleep.store(false, ordering: .sequentiallyConsistent)
        call.clear()
    }
}
