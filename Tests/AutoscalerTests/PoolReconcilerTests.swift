import Autoscaler
import Testing
import Time

@Suite struct PoolReconcilerTests {
    private typealias Terms = PoolReconciler.Terms

    private static let leader = Terms(leads: true, mayShrink: true, max: 8)

    private static func at(_ milliseconds: Int) -> Instant { .origin + .milliseconds(milliseconds) }

    /// A reconciler that has seen a Deployment.
    private func make(replicas: Int, wanted: Int) -> PoolReconciler {
        var reconciler = PoolReconciler()
        reconciler.observed(replicas, version: 10, now: .origin)
        reconciler.want(wanted)
        return reconciler
    }

    @Test func theFirstArrivalAtZeroIsPatchedAtOnce() {
        var pool = make(replicas: 0, wanted: 0)
        #expect(pool.step(Self.leader) == .nothing)
        pool.want(1)
        #expect(pool.step(Self.leader) == .patch(to: 1))
        #expect(pool.step(Self.leader) == .nothing, "one at a time")
        pool.want(3)
        #expect(pool.step(Self.leader) == .nothing)
        pool.patched(1, version: 11)
        #expect(pool.step(Self.leader) == .patch(to: 3))
    }

    @Test func whoDoesNotLeadDoesNothing() {
        var pool = make(replicas: 0, wanted: 5)
        #expect(pool.step(Terms(leads: false, mayShrink: true, max: 8)) == .nothing)
        var unknown = PoolReconciler()
        unknown.want(1)
        #expect(unknown.step(Self.leader) == .nothing, "no Deployment")
    }

    @Test func nothingIsTakenAwayWhileDemandIsNotKnown() {
        var pool = make(replicas: 5, wanted: 1)
        let blind = Terms(leads: true, mayShrink: false, max: 8)
        #expect(pool.step(blind) == .nothing)
        pool.want(7)
        #expect(pool.step(blind) == .patch(to: 7), "more is always right")
        pool.patched(7, version: 11)
        pool.want(0)
        #expect(pool.step(blind) == .nothing)
        #expect(pool.step(Self.leader) == .patch(to: 0))
    }

    @Test func neverMoreThanTheLimit() {
        var pool = make(replicas: 0, wanted: 50)
        #expect(pool.step(Self.leader) == .patch(to: 8))
        pool.patched(8, version: 11)
        // Somebody else goes beyond it, and nobody knows the demand.
        pool.observed(20, version: 12, now: Self.at(0))
        let blind = Terms(leads: true, mayShrink: false, max: 8)
        #expect(pool.step(blind, at: 0) == .nothing)
        #expect(pool.step(blind, at: 1_000) == .prepare(removing: 12))
    }

    @Test func idlePodsAreChosenBeforeThereAreFewer() {
        var pool = make(replicas: 5, wanted: 2)
        #expect(pool.step(Self.leader) == .prepare(removing: 3))
        #expect(pool.step(Self.leader) == .nothing)
        pool.prepared()
        #expect(pool.step(Self.leader) == .patch(to: 2))
    }

    @Test func demandThatComesMeanwhileGoesBefore() {
        var pool = make(replicas: 5, wanted: 2)
        #expect(pool.step(Self.leader) == .prepare(removing: 3))
        pool.want(6)
        #expect(pool.step(Self.leader) == .patch(to: 6))
        pool.prepared()
        pool.patched(6, version: 11)
        #expect(pool.step(Self.leader) == .nothing)

        var other = make(replicas: 5, wanted: 2)
        #expect(other.step(Self.leader) == .prepare(removing: 3))
        other.want(5)
        #expect(other.step(Self.leader) == .nothing)
        other.prepared()
        #expect(other.step(Self.leader) == .nothing)
        // What was prepared is forgotten: other pods may be idle by now.
        other.want(1)
        #expect(other.step(Self.leader) == .prepare(removing: 4))
        // Fewer still are wanted meanwhile: no more go than were chosen.
        other.want(0)
        #expect(other.step(Self.leader) == .patch(to: 0), "of all there is no choice")
    }

    @Test func noMoreGoThanWereChosen() {
        var pool = make(replicas: 6, wanted: 5)
        #expect(pool.step(Self.leader) == .prepare(removing: 1))
        pool.want(2)
        pool.prepared()
        #expect(pool.step(Self.leader) == .patch(to: 5))
        pool.patched(5, version: 11)
        #expect(pool.step(Self.leader) == .prepare(removing: 3))
    }

    @Test func conflictsAreTriedAgainAtOnceOtherFailuresLater() {
        var pool = make(replicas: 0, wanted: 1)
        #expect(pool.step(Self.leader, at: 0) == .patch(to: 1))
        pool.patchFailed(isConflict: true, now: Self.at(1))
        #expect(pool.step(Self.leader, at: 1) == .patch(to: 1))
        pool.patchFailed(isConflict: false, now: Self.at(2))
        #expect(pool.step(Self.leader, at: 2) == .nothing)
        // Other demand does not press a server that fails.
        pool.want(2)
        #expect(pool.step(Self.leader, at: 3) == .nothing)
        var time = 3
        var tries = 0
        while time < 120_000 {
            if pool.step(Self.leader, at: time) == .patch(to: 2) {
                tries += 1
                pool.patchFailed(isConflict: false, now: Self.at(time))
            }
            time += 1
        }
        #expect((12...25).contains(tries), "\(tries)")
        #expect(pool.due != nil)
    }

    @Test func anotherHandsNumberStandsForAMoment() {
        var pool = make(replicas: 2, wanted: 2)
        #expect(pool.step(Self.leader, at: 0) == .nothing)
        pool.observed(0, version: 11, now: Self.at(100))
        #expect(pool.step(Self.leader, at: 100) == .nothing)
        #expect(pool.due == Self.at(1_100))
        #expect(pool.step(Self.leader, at: 1_100) == .patch(to: 2))
        pool.patched(2, version: 12)
        // New demand does not wait for that.
        pool.observed(0, version: 13, now: Self.at(2_000))
        pool.want(3)
        #expect(pool.step(Self.leader, at: 2_001) == .patch(to: 3))
    }

    @Test func whatIsSeenLateDoesNotUndoWhatWasWritten() {
        var pool = make(replicas: 0, wanted: 3)
        #expect(pool.step(Self.leader) == .patch(to: 3))
        pool.patched(3, version: 15)
        pool.observed(0, version: 12, now: .origin)
        #expect(pool.current == 3)
        #expect(pool.step(Self.leader) == .nothing)
        pool.observed(3, version: 15, now: .origin)
        #expect(pool.step(Self.leader) == .nothing)
        #expect(pool.due == nil)
    }

    @Test func aDeploymentThatComesAgainIsNewToIt() {
        var pool = make(replicas: 3, wanted: 3)
        pool.observed(nil, version: 0, now: .origin)
        #expect(pool.step(Self.leader) == .nothing)
        pool.observed(1, version: 4, now: .origin)
        #expect(pool.step(Self.leader) == .patch(to: 3))
    }
}

extension PoolReconciler {
    fileprivate mutating func step(_ terms: Terms, at milliseconds: Int = 0) -> Step {
        next(terms, now: .origin + .milliseconds(milliseconds))
    }
}
