import Testing
import Time
import Valkey

@Suite("The cluster machine") struct ClusterMachineTests {
    private let seed = ClusterNode(host: "seed", port: 6_379)
    private let a = ClusterNode(host: "a", port: 1)
    private let b = ClusterNode(host: "b", port: 2)
    private let c = ClusterNode(host: "c", port: 3)
    private let low = HashSlot(100)
    private let high = HashSlot(10_000)

    private func at(_ milliseconds: Int64) -> Instant { .origin + .milliseconds(milliseconds) }

    private func attempt(_ number: Int, entered: Int64 = 0, deadline: Int64 = 5_000) -> ClusterMachine.Attempt {
        var attempt = ClusterMachine.Attempt(entered: at(entered), deadline: at(deadline))
        attempt.number = number
        return attempt
    }

    private func make(_ seeds: [ClusterNode] = [ClusterNode(host: "seed", port: 6_379)]) -> ClusterMachine {
        ClusterMachine(settings: ClusterSettings(seeds: seeds), seed: 1)
    }

    /// A machine that knows that `a` has the lower half of the slots and `b` the upper.
    private func ready() throws -> ClusterMachine {
        var machine = make()
        let question = try #require(machine.poll(now: at(0), isAwaited: true).ask)
        #expect(question.node == seed)
        let work = machine.told(halves(a, b), question.epoch, now: at(1))
        #expect(work.isNews)
        return machine
    }

    private func halves(_ lower: ClusterNode, _ upper: ClusterNode) -> ClusterTopology {
        ClusterTopology(ranges: [
            .init(slots: 0...8_191, node: lower), .init(slots: 8_192...16_383, node: upper),
        ])
    }

    private func error(_ text: String) -> ValkeyServerError { ValkeyServerError(text) }

    @Test("asks nothing before somebody needs a slot, then once")
    func asksWhenNeeded() {
        var machine = make()
        #expect(machine.route(low) == nil)
        #expect(machine.poll(now: at(0), isAwaited: false) == ClusterMachine.Work())
        #expect(machine.poll(now: at(0), isAwaited: true).ask?.node == seed)
        #expect(machine.poll(now: at(1), isAwaited: true).ask == nil)
    }

    @Test("sends each slot to its node, and what has no slot to any")
    func routes() throws {
        var machine = try ready()
        #expect(machine.route(low) == a)
        #expect(machine.route(high) == b)
        #expect(machine.route(nil) == a)
        machine.disconnected(a)
        #expect(machine.route(nil) == b)
        #expect(machine.everyMaster() == [a, b])
    }

    @Test("follows a moved slot at once and asks for all, but not too often")
    func moved() throws {
        var machine = try ready()
        let verdict = machine.judge(error("MOVED 100 b:2"), from: a, attempt(1), now: at(10))
        #expect(verdict == .again(at: b, asking: false))
        #expect(machine.route(low) == b)
        #expect(machine.route(HashSlot(101)) == a)
        #expect(machine.poll(now: at(10), isAwaited: false).wakeAt == at(251))
        let question = try #require(machine.poll(now: at(251), isAwaited: false).ask)
        #expect(question.node != seed)
        _ = machine.told(halves(b, b), question.epoch, now: at(252))
        #expect(machine.route(HashSlot(101)) == b)
    }

    @Test("a slot that moves to a node it never heard of is found there")
    func movedToANewNode() throws {
        var machine = try ready()
        #expect(
            machine.judge(error("MOVED 100 ::1:7"), from: a, attempt(1), now: at(10))
                == .again(at: ClusterNode(host: "::1", port: 7), asking: false)
        )
        // Without a host it is the asked one's.
        #expect(
            machine.judge(error("MOVED 101 :9"), from: a, attempt(1), now: at(10))
                == .again(at: ClusterNode(host: "a", port: 9), asking: false)
        )
    }

    @Test("asks elsewhere once for a moving slot and learns nothing from it")
    func ask() throws {
        var machine = try ready()
        let verdict = machine.judge(error("ASK 100 c:3"), from: a, attempt(1), now: at(10))
        #expect(verdict == .again(at: c, asking: true))
        #expect(machine.route(low) == a)
        #expect(machine.poll(now: at(1_000), isAwaited: false).ask == nil)
    }

    @Test("tries again later while a slot's keys are on two nodes, until the deadline")
    func tryAgain() throws {
        var machine = try ready()
        let text = "TRYAGAIN Multiple keys request during rehashing of slot"
        guard case .later(let first) = machine.judge(error(text), from: a, attempt(1), now: at(10)) else {
            Issue.record("not later")
            return
        }
        #expect(first > .zero && first <= .milliseconds(10))
        guard case .later(let late) = machine.judge(error(text), from: a, attempt(12), now: at(3_000)) else {
            Issue.record("not later")
            return
        }
        #expect(late >= .milliseconds(100) && late <= .milliseconds(200))
        #expect(machine.judge(error(text), from: a, attempt(30), now: at(4_999)) == .over)
    }

    @Test(
        "waits for a cluster that is down no longer than for a connection",
        arguments: ["CLUSTERDOWN x", "READONLY y"]
    )
    func clusterDown(_ text: String) throws {
        var machine = try ready()
        let verdict = machine.judge(error(text), from: a, attempt(1), now: at(300))
        guard case .later = verdict else {
            Issue.record("not later: \(verdict)")
            return
        }
        #expect(machine.poll(now: at(300), isAwaited: false).ask != nil)
        #expect(machine.judge(error(text), from: a, attempt(9), now: at(1_000)) == .over)
    }

    @Test("other errors, and redirections that make no sense or no end, are the caller's")
    func otherErrors() throws {
        var machine = try ready()
        for text in [
            "WRONGTYPE x", "MOVED", "MOVED 99999 a:1", "MOVED 5 a", "ASK x a:1", "MOVED 5 a:0", "MOVED 5 a:70000",
        ] {
            #expect(machine.judge(error(text), from: a, attempt(1), now: at(10)) == .over)
        }
        #expect(machine.judge(error("MOVED 100 b:2"), from: a, attempt(16), now: at(10)) == .over)
        #expect(machine.judge(error("MOVED 100 b:2"), from: a, attempt(1), now: at(5_000)) == .over)
    }

    @Test("a node that cannot be reached is left for the one that took over, if one did")
    func unreachable() throws {
        var machine = try ready()
        #expect(machine.unreachable(a, low, attempt(1), now: at(300)) == .over)
        let question = try #require(machine.poll(now: at(300), isAwaited: false).ask)
        #expect(question.node == b, "whoever is there is asked first")
        _ = machine.told(halves(c, b), question.epoch, now: at(301))
        #expect(machine.unreachable(a, low, attempt(1), now: at(302)) == .again(at: c, asking: false))
    }

    @Test("a connection that ends makes it ask; one that stands again is used again")
    func disconnected() throws {
        var machine = try ready()
        _ = machine.route(low)
        machine.disconnected(a)
        let question = try #require(machine.poll(now: at(300), isAwaited: false).ask)
        #expect(question.node == b)
        _ = machine.told(halves(a, b), question.epoch, now: at(301))
        machine.connected(a)
        #expect(machine.route(nil) == a)
    }

    @Test("asks all it knows, at last where the URL leads, and then waits longer each time")
    func failures() throws {
        var machine = try ready()
        machine.disconnected(a)
        _ = machine.judge(error("MOVED 100 b:2"), from: a, attempt(1), now: at(300))
        var asked: [ClusterNode] = []
        var next = machine.poll(now: at(300), isAwaited: true).ask
        var last = ClusterMachine.Work()
        while let question = next {
            asked.append(question.node)
            last = machine.failed(.unreachable(endpoint: "x", reason: "r"), question.epoch, now: at(301))
            next = last.ask
        }
        #expect(Set(asked) == [a, b, seed] && asked.count == 3 && asked.last == seed)
        #expect(last.isNews)
        #expect(machine.lastFailure == .unreachable(endpoint: "x", reason: "r"))
        let wake = try #require(machine.poll(now: at(301), isAwaited: true).wakeAt)
        #expect(wake > at(301) && wake <= at(311))
        // It still knows what it knew.
        #expect(machine.route(high) == b)
    }

    @Test("asks the second node of the URL when the first is away")
    func secondSeed() throws {
        var machine = make([seed, a])
        let first = try #require(machine.poll(now: at(0), isAwaited: true).ask)
        #expect(first.node == seed)
        // It is not waited for while there is another.
        let second = try #require(machine.disconnected(seed).ask)
        #expect(second.node == a)
        #expect(machine.told(halves(b, b), first.epoch, now: at(1)) == ClusterMachine.Work())
        // The last one is, as long as its connection is tried again.
        #expect(machine.disconnected(a).ask == nil)
        #expect(machine.told(halves(a, b), second.epoch, now: at(2)).isNews)
    }

    @Test("an answer of an earlier question is ignored")
    func staleAnswers() throws {
        var machine = make()
        let first = try #require(machine.poll(now: at(0), isAwaited: true).ask)
        _ = machine.failed(.closed, first.epoch, now: at(1))
        let second = try #require(machine.poll(now: at(100), isAwaited: true).ask)
        #expect(second.epoch != first.epoch)
        #expect(machine.told(halves(a, b), first.epoch, now: at(101)) == ClusterMachine.Work())
        #expect(machine.route(low) == nil)
        #expect(machine.failed(.closed, first.epoch, now: at(102)) == ClusterMachine.Work())
        #expect(machine.told(halves(a, b), second.epoch, now: at(103)).isNews)
    }

    @Test("a node without slots is left after a while, unless it is used again")
    func leaving() throws {
        var machine = try ready()
        #expect(machine.route(low) == a)
        _ = machine.judge(error("MOVED 100 c:3"), from: a, attempt(1), now: at(300))
        let question = try #require(machine.poll(now: at(300), isAwaited: false).ask)
        _ = machine.told(halves(c, b), question.epoch, now: at(301))
        // The seed has been on its way out since the first answer.
        #expect(machine.poll(now: at(5_001), isAwaited: false).close == [seed])
        #expect(machine.poll(now: at(5_200), isAwaited: false).wakeAt == at(5_301))
        #expect(machine.poll(now: at(5_301), isAwaited: false).close == [a])
        #expect(machine.poll(now: at(9_000), isAwaited: false) == ClusterMachine.Work())
        // What ends then is no news.
        machine.disconnected(a)
        #expect(machine.poll(now: at(9_000), isAwaited: false).ask == nil)
    }

    @Test("slots that nobody has are known to be nobody's")
    func holes() throws {
        var machine = make()
        let question = try #require(machine.poll(now: at(0), isAwaited: true).ask)
        _ = machine.told(ClusterTopology(ranges: [.init(slots: 0...99, node: a)]), question.epoch, now: at(1))
        #expect(machine.route(low) == nil)
        #expect(machine.route(HashSlot(99)) == a)
        #expect(machine.poll(now: at(100), isAwaited: true).wakeAt == at(251))
    }
}
