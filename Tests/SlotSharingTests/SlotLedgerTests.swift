import Randomness
import SlotSharing
import Testing
import Time

/// Gateways as the ledger sees them: they hold what is offered, and give back what is free when asked.
private struct Gateways {
    var ledger: SlotLedger
    /// Slots each gateway holds.
    var held: [Int: Int] = [:]
    /// Invocations each has running, of the slots it holds.
    var busy: [Int: Int] = [:]
    /// Slots each is asked for and has not given back.
    var owed: [Int: Int] = [:]
    var now = Instant.origin
    /// Whether a slot is used as soon as it is offered, since requests wait for it.
    var isEager = false

    init(slots: Int) {
        ledger = SlotLedger(slots: slots)
    }

    mutating func take(_ actions: [SlotLedger.Action]) {
        for action in actions {
            switch action {
            case .offer(let gateway, let slots):
                held[gateway, default: 0] += slots
                if isEager { busy[gateway, default: 0] += slots }
            case .reclaim(let gateway, let slots): owed[gateway, default: 0] += slots
            }
        }
    }

    mutating func expect(_ known: Int) { take(ledger.expect(known, busy: busy, now: now)) }

    mutating func join(_ gateway: Int) {
        held[gateway] = 0
        busy[gateway] = 0
        take(ledger.join(gateway, busy: busy, now: now))
    }

    mutating func want(_ gateway: Int, _ slots: Int) {
        take(ledger.want(gateway, slots: slots, busy: busy, now: now))
    }

    mutating func lose(_ gateway: Int) -> Int {
        let running = busy.removeValue(forKey: gateway) ?? 0
        held[gateway] = nil
        owed[gateway] = nil
        take(ledger.lose(gateway, running: running, busy: busy, now: now))
        return running
    }

    /// Gateways give back what is owed and free, until nothing more moves.
    mutating func settle() {
        while let (gateway, slots) = due {
            owed[gateway, default: 0] -= slots
            held[gateway, default: 0] -= slots
            let actions = ledger.reclaimed(slots, from: gateway, busy: busy, now: now)
            #expect(actions != nil)
            take(actions ?? [])
        }
    }

    /// Who can give back how many slots now.
    private var due: (gateway: Int, slots: Int)? {
        for (gateway, slots) in owed {
            let free = min(slots, (held[gateway] ?? 0) - (busy[gateway] ?? 0))
            if free > 0 { return (gateway, free) }
        }
        return nil
    }

    /// Starts invocations on a gateway's free slots; how many found one.
    @discardableResult
    mutating func start(_ gateway: Int, _ count: Int) -> Int {
        let started = min(count, (held[gateway] ?? 0) - (busy[gateway] ?? 0))
        busy[gateway, default: 0] += started
        return started
    }

    mutating func finish(_ gateway: Int, _ count: Int) {
        busy[gateway, default: 0] -= count
        settle()
    }

    var total: Int { held.values.reduce(0, +) }
}

@Suite struct SlotLedgerTests {
    @Test func aSingleGatewayHasEverySlot() {
        var gateways = Gateways(slots: 8)
        gateways.expect(1)
        gateways.join(1)
        #expect(gateways.held == [1: 8])
    }

    @Test func eachGatewayHasItsShareFromTheBeginning() {
        var gateways = Gateways(slots: 8)
        gateways.expect(2)
        gateways.join(1)
        #expect(gateways.held[1] == 4)
        gateways.join(2)
        #expect(gateways.held == [1: 4, 2: 4])
        #expect(gateways.owed.isEmpty)
    }

    @Test func whatTheDivisionLeavesOverIsGivenWhenAllAreThere() {
        var gateways = Gateways(slots: 7)
        gateways.expect(2)
        gateways.join(1)
        gateways.join(2)
        #expect(gateways.held.values.sorted() == [3, 4])
    }

    @Test func aLateGatewayGetsItsShareFromTheOthersFreeSlots() {
        var gateways = Gateways(slots: 8)
        gateways.expect(1)
        gateways.join(1)
        gateways.expect(2)
        gateways.join(2)
        #expect(gateways.owed == [1: 4])
        #expect(gateways.held[2] == 0)
        gateways.settle()
        #expect(gateways.held == [1: 4, 2: 4])
    }

    @Test func aBusyGatewayBorrowsAllButOneOfAnIdleOnes() {
        var gateways = Gateways(slots: 8)
        gateways.expect(2)
        gateways.join(1)
        gateways.join(2)
        gateways.start(1, 4)
        gateways.want(1, 10)
        gateways.settle()
        #expect(gateways.held == [1: 7, 2: 1])
    }

    @Test func slotsPutByForAGatewayThatCannotBeReachedAreLent() {
        var gateways = Gateways(slots: 8)
        gateways.expect(2)
        gateways.join(1)
        #expect(gateways.held == [1: 4])
        gateways.start(1, 4)
        gateways.want(1, 10)
        #expect(gateways.held == [1: 8])
    }

    @Test func twoBusyGatewaysAreEvenedOut() {
        var gateways = Gateways(slots: 8)
        gateways.expect(2)
        gateways.join(1)
        gateways.join(2)
        gateways.start(1, 4)
        gateways.want(1, 10)
        gateways.settle()
        gateways.start(1, 10)
        #expect(gateways.busy[1] == 7)
        // The second has more to do than its one slot now, and the first has, too.
        gateways.start(2, 1)
        gateways.want(1, 10)
        gateways.want(2, 10)
        gateways.settle()
        #expect(gateways.held == [1: 7, 2: 1], "nothing is free yet")
        gateways.finish(1, 7)
        #expect(gateways.held == [1: 4, 2: 4])
    }

    @Test func aSingleSlotGoesBackAndForthBetweenTwoBusyGateways() {
        var gateways = Gateways(slots: 1)
        gateways.isEager = true
        gateways.expect(2)
        gateways.join(1)
        gateways.join(2)
        var served = [1: 0, 2: 0]
        for _ in 0..<20 {
            for gateway in [1, 2] { gateways.want(gateway, 5) }
            gateways.settle()
            guard let running = gateways.busy.first(where: { $0.value > 0 })?.key else { continue }
            served[running, default: 0] += 1
            gateways.finish(running, 1)
        }
        #expect(served == [1: 10, 2: 10])
    }

    @Test func anIdleSlotFollowsTheOnlyGatewayThatHasWork() {
        var gateways = Gateways(slots: 1)
        gateways.expect(3)
        for gateway in 1...3 { gateways.join(gateway) }
        gateways.want(3, 1)
        gateways.settle()
        #expect(gateways.held == [1: 0, 2: 0, 3: 1])
        gateways.start(3, 1)
        gateways.finish(3, 1)
        gateways.want(2, 1)
        gateways.settle()
        #expect(gateways.held == [1: 0, 2: 1, 3: 0])
    }

    @Test func aWordOfHungerIsForgotten() {
        var gateways = Gateways(slots: 4)
        gateways.expect(2)
        gateways.join(1)
        gateways.join(2)
        gateways.start(2, 2)
        gateways.start(1, 2)
        gateways.want(1, 3)
        #expect(gateways.owed.isEmpty, "the other has no slot too many")
        gateways.now = .origin + .seconds(1)
        gateways.finish(2, 2)
        #expect(gateways.held == [1: 2, 2: 2])
    }

    @Test func theSlotsOfALostGatewayAreFreeButForWhatStillRuns() {
        var gateways = Gateways(slots: 8)
        gateways.expect(2)
        gateways.join(1)
        gateways.join(2)
        gateways.start(2, 3)
        let running = gateways.lose(2)
        #expect(running == 3)
        gateways.expect(1)
        #expect(gateways.held == [1: 5])
        gateways.take(gateways.ledger.orphansLeft(1, busy: gateways.busy, now: gateways.now))
        #expect(gateways.held == [1: 7])
        gateways.take(gateways.ledger.orphansLeft(0, busy: gateways.busy, now: gateways.now))
        #expect(gateways.held == [1: 8])
    }

    @Test func slotsNobodyAskedForAreAViolation() {
        var ledger = SlotLedger(slots: 4)
        _ = ledger.join(1, busy: [1: 0], now: .origin)
        #expect(ledger.reclaimed(1, from: 1, busy: [1: 0], now: .origin) == nil)
        #expect(ledger.reclaimed(1, from: 9, busy: [1: 0], now: .origin) == nil)
    }

    @Test func aLeavingWorkerOffersNothing() {
        var ledger = SlotLedger(slots: 4)
        ledger.close()
        #expect(ledger.join(1, busy: [:], now: .origin).isEmpty)
    }

    @Test(arguments: 0..<40) func noSequenceOfEventsOffersMoreThanThereIs(seed: UInt64) {
        var random = SeededRandom(seed: seed &* 7_919 &+ 1)
        let slots = Int.random(in: 1...12, using: &random)
        var gateways = Gateways(slots: slots)
        var orphans = 0
        var joined: Set<Int> = []
        for step in 0..<600 {
            gateways.now = gateways.now + .milliseconds(Int.random(in: 0...40, using: &random))
            let gateway = Int.random(in: 1...4, using: &random)
            switch Int.random(in: 0..<9, using: &random) {
            case 0:
                gateways.expect(Int.random(in: 0...4, using: &random))
            case 1 where joined.insert(gateway).inserted:
                gateways.join(gateway)
            case 2 where joined.contains(gateway) && step % 7 == 0:
                joined.remove(gateway)
                orphans += gateways.lose(gateway)
            case 3 where orphans > 0:
                orphans -= 1
                gateways.take(gateways.ledger.orphansLeft(orphans, busy: gateways.busy, now: gateways.now))
            case 4, 5:
                if joined.contains(gateway) { gateways.want(gateway, Int.random(in: 1...6, using: &random)) }
            case 6:
                if joined.contains(gateway) { gateways.start(gateway, Int.random(in: 1...4, using: &random)) }
            case 7:
                let running = gateways.busy[gateway] ?? 0
                if running > 0 { gateways.finish(gateway, Int.random(in: 1...running, using: &random)) }
            default:
                gateways.settle()
            }
            #expect(gateways.total + orphans <= slots, "step \(step)")
            for (gateway, held) in gateways.held { #expect(gateways.ledger.held(by: gateway) == held) }
        }
        // Whoever is connected and wants a slot gets one once everything has ended.
        while orphans > 0 {
            orphans -= 1
            gateways.take(gateways.ledger.orphansLeft(orphans, busy: gateways.busy, now: gateways.now))
        }
        for gateway in joined { gateways.finish(gateway, gateways.busy[gateway] ?? 0) }
        for gateway in joined.sorted() {
            gateways.now = gateways.now + .seconds(1)
            gateways.want(gateway, 1)
            gateways.settle()
            #expect((gateways.held[gateway] ?? 0) > 0, "gateway \(gateway) of \(joined) with \(slots) slots")
        }
    }
}
