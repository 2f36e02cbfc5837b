import Autoscaler
import Foundation
import Kubernetes
import Randomness
import Testing
import Time

/// The lease as a server keeps it: a write against another version than the last is a conflict.
private struct LeaseServer {
    var lease: Lease?
    private var version = 0

    mutating func write(_ lease: Lease) -> Lease? {
        guard lease.resourceVersion == self.lease?.resourceVersion else { return nil }
        version += 1
        var stored = lease
        stored.resourceVersion = String(version)
        self.lease = stored
        return stored
    }
}

@Suite struct LeadershipTests {
    private static let date = Date(timeIntervalSince1970: 1_700_000_000)

    private static func at(_ milliseconds: Int) -> Instant { .origin + .milliseconds(milliseconds) }

    /// Lets a contender do all it wants to do at one moment.
    private func settle(
        _ contender: inout Leadership,
        _ server: inout LeaseServer,
        at milliseconds: Int,
        reachable: Bool = true
    ) {
        let now = Self.at(milliseconds)
        for _ in 0..<10 {
            switch contender.step(now: now, date: Self.date + Double(milliseconds) / 1_000) {
            case .wait: return
            case .read where reachable: contender.read(server.lease, now: now)
            case .write(let lease) where reachable:
                if let written = server.write(lease) {
                    contender.wrote(written, start: now, now: now)
                } else {
                    contender.failed(isConflict: true, now: now)
                }
            case .read, .write: contender.failed(isConflict: false, now: now)
            }
        }
        Issue.record("it never comes to rest")
    }

    @Test func theFirstLeadsAndGoesOnLeading() {
        var (a, b) = (Leadership(name: "l", identity: "a"), Leadership(name: "l", identity: "b"))
        var server = LeaseServer()
        for time in stride(from: 0, through: 20_000, by: 50) {
            settle(&a, &server, at: time)
            settle(&b, &server, at: time)
            #expect(a.leads(at: Self.at(time)))
            #expect(!b.leads(at: Self.at(time)))
        }
        #expect(server.lease?.transitions == 0)
        #expect(b.holder == "a")
    }

    @Test func aLeaderThatIsKilledIsFollowedWithinFiveSeconds() throws {
        var (a, b) = (Leadership(name: "l", identity: "a"), Leadership(name: "l", identity: "b"))
        var server = LeaseServer()
        for time in stride(from: 0, through: 3_000, by: 50) {
            settle(&a, &server, at: time)
            settle(&b, &server, at: time)
        }
        var takenAfter: Int?
        for time in stride(from: 3_050, through: 10_000, by: 50) where takenAfter == nil {
            settle(&b, &server, at: time)
            if b.leads(at: Self.at(time)) { takenAfter = time - 3_000 }
        }
        #expect(try #require(takenAfter) <= 4_000)
        #expect(server.lease?.transitions == 1)
        #expect(server.lease?.holder == "b")
    }

    /// Whatever is cut off and whenever, there are never two leaders at one moment.
    @Test(arguments: 0..<20) func thereAreNeverTwo(seed: UInt64) {
        var generator = SeededRandom(seed: seed)
        var contenders = ["a", "b", "c"].map { Leadership(name: "l", identity: $0) }
        var cutOff = [0, 0, 0]
        var server = LeaseServer()
        var led = 0
        for time in stride(from: 0, through: 120_000, by: 25) {
            for index in contenders.indices {
                if cutOff[index] < time, Int.random(in: 0..<400, using: &generator) == 0 {
                    cutOff[index] = time + Int.random(in: 100..<8_000, using: &generator)
                }
                settle(&contenders[index], &server, at: time, reachable: cutOff[index] < time)
            }
            let leaders = contenders.filter { $0.leads(at: Self.at(time)) }.count
            #expect(leaders <= 1, "at \(time) ms")
            led += leaders
        }
        #expect(led > 2_000, "somebody leads most of the time")
    }

    @Test func aLeaderThatCannotRenewStopsBeforeAnotherMayBegin() {
        var a = Leadership(name: "l", identity: "a")
        var server = LeaseServer()
        settle(&a, &server, at: 0)
        #expect(a.leads(at: Self.at(2_000)))
        for time in stride(from: 50, through: 2_950, by: 50) { settle(&a, &server, at: time, reachable: false) }
        #expect(!a.leads(at: Self.at(2_250)))
        #expect(a.timing.giveUpAfter < .seconds(a.timing.seconds))
    }

    @Test func aLeaseThatIsGivenBackIsTakenAtTheNextLook() {
        var (a, b) = (Leadership(name: "l", identity: "a"), Leadership(name: "l", identity: "b"))
        var server = LeaseServer()
        settle(&a, &server, at: 0)
        settle(&b, &server, at: 0)
        if let released = a.release(date: Self.date) { _ = server.write(released) }
        #expect(!a.leads(at: Self.at(1)))
        settle(&b, &server, at: 500)
        #expect(b.leads(at: Self.at(500)))
    }

    @Test func whatALeaderHandsOnIsReadByTheNext() {
        var (a, b) = (Leadership(name: "l", identity: "a"), Leadership(name: "l", identity: "b"))
        var server = LeaseServer()
        settle(&a, &server, at: 0)
        settle(&b, &server, at: 0)
        #expect(a.term(at: Self.at(0)) == 0 && b.term(at: Self.at(0)) == nil)
        a.handOn("first", now: Self.at(10))
        b.handOn("not for it to say", now: Self.at(10))
        // At once, not with the next renewal.
        settle(&a, &server, at: 10)
        #expect(server.lease?.annotations[Leadership.annotation] == "first")
        server.lease?.annotations["somebody's"] = "stays"
        for time in stride(from: 50, through: 5_000, by: 50) { settle(&b, &server, at: time) }
        #expect(b.term(at: Self.at(5_000)) == 1)
        #expect(b.record == "first")
        b.handOn("second", now: Self.at(5_000))
        settle(&b, &server, at: 5_000)
        #expect(server.lease?.annotations == [Leadership.annotation: "second", "somebody's": "stays"])
        b.handOn("third", now: Self.at(5_010))
        let released = b.release(date: Self.date)
        #expect(released?.annotations[Leadership.annotation] == "third")
    }

    @Test func oneThatComesAgainUnderItsNameLeadsAtOnce() {
        var a = Leadership(name: "l", identity: "a")
        var server = LeaseServer()
        settle(&a, &server, at: 0)
        var again = Leadership(name: "l", identity: "a")
        settle(&again, &server, at: 100)
        #expect(again.leads(at: Self.at(100)))
    }
}
