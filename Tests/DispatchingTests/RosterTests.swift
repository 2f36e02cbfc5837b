import Dispatching
import Testing
import Time

/// Workers and their slots, without the invocations that take them.
@Suite struct RosterTests {
    private func at(_ seconds: Int64) -> Instant { .origin + .seconds(seconds) }

    /// So many workers, each with so many slots.
    private func roster(_ slots: Int...) -> (Roster, [WorkerID]) {
        var roster = Roster()
        let workers = slots.map { count in
            let worker = roster.join(now: at(0))
            roster.offer(count, by: worker)
            return worker
        }
        return (roster, workers)
    }

    @Test func theFirstWorkersAreFilledFirst() {
        var (roster, workers) = roster(2, 1)
        var taken: [WorkerID] = []
        while let next = roster.next {
            taken.append(next)
            roster.occupy(next)
        }
        #expect(taken == [workers[0], workers[0], workers[1]])
        #expect(roster.free == 0 && roster.slots == 3)
        roster.release(workers[0], now: at(1))
        #expect(roster.next == workers[0] && roster.free == 1)
    }

    @Test func aPlaceIsTakenAgainUnderAnotherKey() {
        var (roster, workers) = roster(1, 1, 1)
        #expect(roster.remove(workers[1]) == 0)
        #expect(roster.remove(workers[1]) == nil)
        let again = roster.join(now: at(1))
        #expect(again != workers[1] && again.raw & 0xFF_FFFF == workers[1].raw & 0xFF_FFFF)
        // Whoever still has the former key reaches nobody.
        roster.offer(5, by: workers[1])
        roster.leave(workers[1])
        roster.release(workers[1], now: at(1))
        #expect(roster.reclaim(1, by: workers[1]) == 0)
        #expect(roster.doom(workers[1]) == false)
        #expect(roster.ready == 3 && roster.slots == 2 && roster.free == 2)
    }

    @Test func whoLeavesHasNoFreeSlotAndIsCountedUntilItIsGone() {
        var (roster, workers) = roster(3, 1)
        roster.occupy(workers[0])
        roster.leave(workers[0])
        roster.leave(workers[0])
        #expect(roster.ready == 1 && roster.leaving == 1 && roster.slots == 1 && roster.free == 1)
        #expect(roster.next == workers[1])
        roster.offer(2, by: workers[0])
        roster.release(workers[0], now: at(1))
        #expect(roster.slots == 1 && roster.free == 1)
        #expect(roster.remove(workers[0]) == 0)
        #expect(roster.ready == 1 && roster.leaving == 0)
    }

    @Test func oneIsDoomedOnce() {
        var (roster, workers) = roster(1)
        roster.occupy(workers[0])
        #expect(roster.doom(workers[0]) == true)
        #expect(roster.doom(workers[0]) == false)
        #expect(roster.ready == 0 && roster.leaving == 1)
        #expect(roster.remove(workers[0]) == 1)
    }

    @Test func slotsAskedBackFollowAsTheyComeFree() {
        var (roster, workers) = roster(3)
        for _ in 0..<2 { roster.occupy(workers[0]) }
        #expect(roster.reclaim(2, by: workers[0]) == 1)
        #expect(roster.free == 0 && roster.slots == 2 && roster.next == nil)
        // Asked for again, as if the first had not been heard: no more than it holds.
        #expect(roster.reclaim(9, by: workers[0]) == 0)
        roster.release(workers[0], now: at(1))
        roster.release(workers[0], now: at(1))
        #expect(roster.takeReclaimed() == [workers[0], workers[0]])
        #expect(roster.takeReclaimed() == [])
        #expect(roster.free == 0 && roster.slots == 0)
    }

    @Test func eachIsAskedInItsTurn() {
        var (roster, workers) = roster(0, 0, 0)
        #expect(roster.ask(2) == [workers[1], workers[2]])
        #expect(roster.ask(2) == [workers[0], workers[1]])
        roster.leave(workers[2])
        #expect(roster.ask(9) == [workers[0], workers[1]])
        var nobody = Roster()
        #expect(nobody.ask(3) == [])
    }

    @Test func theIdleOnesGoFirst() {
        var (roster, workers) = roster(2, 2, 2)
        roster.occupy(workers[0])
        roster.occupy(workers[0])
        roster.occupy(workers[1])
        #expect(roster.toRetire(3) == [workers[2], workers[1], workers[0]])
        #expect(roster.idle(3) == [workers[2]])
        roster.release(workers[1], now: at(5))
        #expect(roster.idle(3) == [workers[2], workers[1]])
        #expect(roster.idle(3, since: at(4)) == [workers[2]])
        #expect(roster.loads.map(\.held) == [2, 0, 0])
    }
}
