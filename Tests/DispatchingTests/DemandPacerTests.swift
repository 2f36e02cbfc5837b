import Dispatching
import Testing
import Time

@Suite struct DemandPacerTests {
    private func counts(running: Int = 0, queued: Int = 0, arrivals: UInt64) -> PoolCounts {
        var counts = PoolCounts()
        counts.running = running
        counts.queued = queued
        counts.arrivals = arrivals
        return counts
    }

    private func at(_ milliseconds: Int64) -> Instant {
        .origin + .seconds(10) + .milliseconds(milliseconds)
    }

    @Test func theFirstChangeIsToldAtOnce() {
        var pacer = DemandPacer()
        #expect(pacer.changed(counts(running: 1, arrivals: 1), now: at(0)) == .now)
        #expect(pacer.changed(counts(running: 1, arrivals: 1), now: at(1)) == .nothing)
    }

    @Test func furtherChangesAreToldOnceAnInterval() {
        var pacer = DemandPacer()
        _ = pacer.changed(counts(running: 1, arrivals: 1), now: at(0))
        #expect(pacer.changed(counts(running: 2, arrivals: 2), now: at(10)) == .at(at(100)))
        #expect(pacer.changed(counts(running: 3, arrivals: 3), now: at(20)) == .nothing)
        #expect(pacer.fired(counts(running: 3, arrivals: 3), now: at(100)) == .now)
        #expect(pacer.fired(counts(running: 3, arrivals: 3), now: at(200)) == .nothing)
        #expect(pacer.changed(counts(running: 4, arrivals: 4), now: at(210)) == .now)
    }

    @Test func aRequestThatBeginsToWaitIsToldAtOnceAndOnlyThen() {
        var pacer = DemandPacer()
        _ = pacer.changed(counts(running: 1, arrivals: 1), now: at(0))
        #expect(pacer.changed(counts(running: 1, queued: 1, arrivals: 2), now: at(10)) == .now)
        #expect(pacer.changed(counts(running: 1, queued: 2, arrivals: 3), now: at(11)) == .at(at(110)))
        // It comes and goes within the interval: that it waits is known already.
        #expect(pacer.changed(counts(running: 1, queued: 0, arrivals: 3), now: at(12)) == .nothing)
        #expect(pacer.changed(counts(running: 1, queued: 1, arrivals: 4), now: at(13)) == .nothing)
        #expect(pacer.fired(counts(running: 1, queued: 1, arrivals: 4), now: at(110)) == .now)
    }

    @Test func anEarlyTimerIsSetAgain() {
        var pacer = DemandPacer()
        _ = pacer.changed(counts(arrivals: 1), now: at(0))
        #expect(pacer.changed(counts(running: 1, arrivals: 2), now: at(50)) == .at(at(100)))
        #expect(pacer.fired(counts(running: 1, arrivals: 2), now: at(90)) == .at(at(100)))
        #expect(pacer.fired(counts(running: 1, arrivals: 2), now: at(100)) == .now)
    }
}
