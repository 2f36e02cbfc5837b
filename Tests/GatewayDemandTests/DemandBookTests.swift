import GatewayDemand
import Testing
import Time
import WorkerProtocol

/// What all gateways together say of the pools.
@Suite struct DemandBookTests {
    private let first = GatewayName(id: "a", address: "10.0.0.1:7070")
    private let second = GatewayName(id: "b", address: "10.0.0.2:7070")

    private func figures(_ inFlight: Int, ready: Int = 0, arrivals: UInt64 = 0) -> PoolDemand {
        PoolDemand(function: "f", arrivals: arrivals, inFlight: inFlight, readyWorkers: ready)
    }

    @Test func figuresOfALostGatewayCountForTheGraceTime() {
        var book = DemandBook(grace: .seconds(10))
        #expect(book.take(.connected(first, [figures(3, ready: 2, arrivals: 10)]), now: .origin) == [.init("f")])
        #expect(book.take(.connected(second, [figures(4, ready: 3, arrivals: 5)]), now: .origin) == [.init("f")])
        #expect(book.take(.reach(known: 2, connected: 2), now: .origin).isEmpty)
        #expect(book.isComplete)
        #expect(book.totals(of: "f").inFlight == 7)
        #expect(book.totals(of: "f").readyWorkers == 3)
        #expect(book.take(.disconnected(second), now: .origin).isEmpty)
        #expect(book.take(.reach(known: 1, connected: 1), now: .origin).isEmpty)
        #expect(!book.isComplete && book.seen == 1 && !book.isConnected(second))
        #expect(book.expire(now: .origin + .seconds(9)).isEmpty)
        #expect(book.totals(of: "f").inFlight == 7)
        #expect(book.nextExpiry == .origin + .seconds(10))
        #expect(book.expire(now: .origin + .seconds(10)) == ["f"])
        #expect(book.totals(of: "f").inFlight == 3)
        #expect(book.totals(of: "f").arrivals == 15, "arrivals never go back")
        #expect(book.isComplete)
    }

    @Test func withoutAGraceTheyEndWithIt() {
        var book = DemandBook(grace: .zero)
        _ = book.take(.connected(first, [figures(3)]), now: .origin)
        #expect(book.busy == ["f"])
        #expect(book.take(.disconnected(first), now: .origin) == [.init("f")])
        #expect(book.totals(of: "f").inFlight == 0 && book.busy.isEmpty && book.seen == 0)
        // What comes late of it means nothing.
        #expect(book.take(.demand(first, figures(9)), now: .origin).isEmpty)
        #expect(book.totals(of: "f").inFlight == 0)
        #expect(book.take(.disconnected(first), now: .origin).isEmpty)
    }

    @Test func tellsAnArrivalFromWhatWasThereBefore() {
        var book = DemandBook(grace: .zero)
        _ = book.take(.connected(first, [figures(0, arrivals: 5)]), now: .origin)
        #expect(book.take(.demand(first, figures(0, arrivals: 5)), now: .origin) == [.init("f", arrived: 0)])
        #expect(book.take(.demand(first, figures(0, arrivals: 8)), now: .origin) == [.init("f", arrived: 3)])
        // A gateway that was not seen before had its arrivals before.
        _ = book.take(.connected(second, []), now: .origin)
        #expect(book.take(.demand(second, figures(0, arrivals: 9)), now: .origin) == [.init("f", arrived: 0)])
        #expect(book.take(.removed(second, function: "f"), now: .origin) == [.init("f")])
        #expect(book.take(.removed(second, function: "f"), now: .origin).isEmpty)
        #expect(book.totals(of: "f").arrivals == 17)
    }
}
