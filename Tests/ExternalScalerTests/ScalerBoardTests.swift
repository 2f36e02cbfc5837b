import ExternalScaler
import GatewayDemand
import Scaling
import Testing
import Time
import WorkerProtocol

struct ScalerBoardTests {
    @Test func saysNothingWhileNoGatewayIsSeen() {
        var driven = DrivenBoard()
        driven.advance(to: 3_600)
        #expect(driven.news().isEmpty)
        #expect(throws: ScalerRefusal.self) { try driven.wanted() }
        driven.hear(.reach(known: 2, connected: 0))
        #expect(
            throws: ScalerRefusal.blind("none of 2 gateways is connected, so no demand is known")
        ) { try driven.wanted() }
        #expect(driven.board.sight == .none(known: 2))
    }

    @Test func activatesWithTheFirstArrivalAndEndsAfterIdle() throws {
        var driven = DrivenBoard()
        driven.connect()
        // The minimum of one is wanted from the first moment.
        #expect(driven.news() == ["list idle", "warm active"])
        #expect(try driven.wanted() == 0)
        #expect(try driven.wanted("warm") == 2)
        driven.advance(to: 10)
        driven.demand(1, arrivals: 1)
        #expect(driven.news() == ["list active"])
        #expect(try driven.wanted() == 1)
        driven.demand(0, arrivals: 1, ready: 1)
        driven.advance(to: 69.9)
        #expect(try driven.wanted() == 1)
        #expect(driven.news().isEmpty)
        driven.advance(to: 70)
        #expect(try driven.wanted() == 0)
        #expect(driven.news() == ["list idle"])
    }

    @Test func wantsWhatIsInFlightNeedsOverAllGateways() throws {
        var driven = DrivenBoard()
        driven.hear(
            .connected("a", [DrivenBoard.pool(12)]),
            .connected("b", [DrivenBoard.pool(13)]),
            .reach(known: 2, connected: 2)
        )
        #expect(try driven.wanted() == 3)
        driven.demand(200, of: "b")
        #expect(try driven.wanted() == 8)
        // A function that the manifest does not know is passed over.
        driven.hear(.demand("a", DrivenBoard.pool(5, function: "newer")))
        #expect(throws: ScalerRefusal.self) { try driven.wanted("newer") }
    }

    @Test func aWindowOfTheScheduleIsWhatIsWanted() throws {
        var functions = DrivenBoard.functions
        functions[0].floors = [.init(at: .origin, min: 0), .init(at: .origin + .seconds(100), min: 3)]
        var driven = DrivenBoard(functions)
        driven.connect()
        driven.advance(to: 99)
        #expect(try driven.wanted() == 0)
        driven.advance(to: 100)
        #expect(try driven.wanted() == 3)
        #expect(driven.news().last == "list active")
        let closing = Instant.origin + .seconds(150)
        driven.schedule(["list": [.init(at: .origin + .seconds(100), min: 3), .init(at: closing, min: 0)]])
        driven.advance(to: 149)
        #expect(try driven.wanted() == 3)
        driven.advance(to: 211)
        #expect(try driven.wanted() == 0)
        #expect(driven.news().last == "list idle")
        // A reload brings it as well.
        functions[0].floors = [.init(at: driven.now, min: 1)]
        _ = driven.replace(functions)
        #expect(try driven.wanted() == 1)
    }

    @Test func countsAnArrivalThatCameAndWentBetweenTwoMessages() throws {
        var driven = DrivenBoard()
        driven.connect("a", known: 1, DrivenBoard.pool(0, arrivals: 5, ready: 1))
        driven.advance(to: 100)
        #expect(try driven.wanted() == 0)
        #expect(driven.news().last == "list idle")
        driven.demand(0, arrivals: 6, ready: 1)
        #expect(driven.news() == ["list active"])
        #expect(try driven.wanted() == 1)
        // Only what is new counts: the same number once more is no arrival.
        driven.advance(to: 150)
        driven.demand(0, arrivals: 6, ready: 1)
        driven.advance(to: 160)
        #expect(try driven.wanted() == 0)
    }

    @Test func saysActivationAgainWhileNobodyComes() {
        var driven = DrivenBoard()
        driven.connect()
        driven.demand(1, arrivals: 1)
        _ = driven.news()
        driven.advance(to: 4.9)
        #expect(driven.news().isEmpty)
        driven.advance(to: 15)
        #expect(driven.news() == ["list active", "list active", "list active"])
        driven.demand(1, arrivals: 1, ready: 1)
        driven.advance(to: 50)
        #expect(driven.news().isEmpty)
    }

    // MARK: Sight

    @Test func keepsWorkersItFindsForAsLongAsTheyMightBeKept() throws {
        var driven = DrivenBoard()
        driven.connect("a", known: 1, DrivenBoard.pool(1, ready: 5))
        #expect(try driven.wanted() == 5)
        driven.advance(to: 59)
        #expect(try driven.wanted() == 5)
        driven.advance(to: 60)
        #expect(try driven.wanted() == 1)
    }

    @Test func waitsForWorkersToConnectBeforeItBelievesThereAreNone() throws {
        var driven = DrivenBoard(settling: .seconds(10))
        driven.connect()
        #expect(driven.news() == ["warm active"])
        #expect(throws: ScalerRefusal.self) { try driven.wanted() }
        driven.advance(to: 5)
        driven.demand(0, ready: 3)
        #expect(try driven.wanted() == 3)
        #expect(driven.news() == ["list active"])

        var empty = DrivenBoard(settling: .seconds(10))
        empty.connect()
        empty.advance(to: 10)
        #expect(empty.news() == ["warm active", "list idle"])
        #expect(try empty.wanted() == 0)
        // Who waits is served at once.
        var waiting = DrivenBoard(settling: .seconds(10))
        waiting.connect("a", known: 1, DrivenBoard.pool(1))
        #expect(try waiting.wanted() == 1)
        #expect(waiting.news().contains("list active"))
    }

    @Test func asksForNoFewerWhileAGatewayIsOutOfSight() throws {
        var driven = DrivenBoard()
        driven.hear(
            .connected("a", [DrivenBoard.pool(20)]),
            .connected("b", [DrivenBoard.pool(30)]),
            .reach(known: 2, connected: 2)
        )
        driven.advance(to: 100)
        #expect(try driven.wanted() == 5)
        driven.hear(.disconnected("b"), .reach(known: 2, connected: 1))
        driven.demand(0)
        driven.advance(to: 1_000)
        #expect(try driven.wanted() == 5)
        // More is asked for all the same.
        driven.demand(70)
        #expect(try driven.wanted() == 7)
        driven.demand(0)
        // The gateway is gone for good: what is left is all there is.
        driven.advance(to: 1_100)
        driven.hear(.reach(known: 1, connected: 1))
        #expect(try driven.wanted() == 0)
        #expect(driven.board.sight == .full(connected: 1))
    }

    @Test func beginsAnewWhenSightReturns() throws {
        var driven = DrivenBoard()
        driven.connect("a", known: 1, DrivenBoard.pool(25, ready: 3))
        _ = driven.news()
        driven.hear(.disconnected("a"), .reach(known: 1, connected: 0))
        driven.advance(to: 500)
        // Not a word that it might be idle.
        #expect(driven.news().isEmpty)
        #expect(throws: ScalerRefusal.self) { try driven.wanted() }
        driven.connect("a2", known: 1, DrivenBoard.pool(0, ready: 3))
        #expect(try driven.wanted() == 3)
        driven.advance(to: 560)
        #expect(try driven.wanted() == 0)
        // Late words of the process that is gone are not heeded.
        driven.demand(80, of: "a")
        #expect(try driven.wanted() == 0)
    }

    /// The policy is what is declared, whichever it is.
    @Test func aPolicyThatLearnsIsFollowed() throws {
        var functions = DrivenBoard.functions
        functions[0].policy = .hybrid
        functions[0].limits = PoolLimits(max: 8)
        var driven = DrivenBoard(functions)
        driven.connect()
        driven.advance(to: 100)
        driven.demand(10, arrivals: 10)
        // 1.1 n + √n of them are reckoned with.
        #expect(try driven.wanted() == 2)
        driven.demand(0, arrivals: 10, ready: 2)
        driven.advance(to: 100 + 239 * 60)
        // It knows no idle time yet, so it keeps one for the whole range.
        #expect(try driven.wanted() == 1)
        driven.advance(to: 100 + 240 * 60)
        #expect(try driven.wanted() == 0)
    }

    /// What is started in expectation is asked for again and again too, as KEDA tries but once.
    @Test func saysActivationAgainWhereAWorkerIsExpected() {
        var functions = DrivenBoard.functions
        functions[0].floors = [.init(at: .origin + .seconds(100), min: 1)]
        var driven = DrivenBoard(functions)
        driven.connect()
        driven.advance(to: 99)
        _ = driven.news()
        driven.advance(to: 110.1)
        #expect(driven.news() == ["list active", "list active", "list active"])
        driven.demand(0, ready: 1)
        driven.advance(to: 200)
        #expect(driven.news().isEmpty)
    }

    // MARK: Manifest

    @Test func takesUpAChangedManifest() throws {
        var driven = DrivenBoard()
        driven.connect("a", known: 1, DrivenBoard.pool(35, ready: 4))
        _ = driven.news()
        var functions = DrivenBoard.functions
        functions[0].limits = PoolLimits(max: 2, idle: .seconds(60))
        functions[1].name = "other"
        #expect(driven.replace(functions) == ["warm"])
        #expect(try driven.wanted() == 2)
        #expect(throws: ScalerRefusal.self) { try driven.wanted("warm") }
        #expect(try driven.wanted("other") == 2)
        #expect(driven.news() == ["other active"])
        // More slots a worker: it keeps what is there until the idle time is over.
        functions[0].limits = PoolLimits(max: 8, idle: .seconds(60))
        _ = driven.replace(functions)
        functions[0].concurrency = 100
        _ = driven.replace(functions)
        #expect(try driven.wanted() == 4)
        driven.advance(to: 61)
        #expect(try driven.wanted() == 1)
    }

    @Test func namesTheFunctionThatWasLikelyMeant() {
        let driven = DrivenBoard()
        #expect(throws: ScalerRefusal.unknown("the manifest has no function 'lsit'; did you mean 'list'?")) {
            try driven.wanted("lsit")
        }
    }

    @Test func forgetsAFunctionAGatewayNoLongerHas() throws {
        var driven = DrivenBoard()
        driven.connect("a", known: 1, DrivenBoard.pool(15))
        driven.hear(.removed("a", function: "list"))
        driven.advance(to: 61)
        #expect(try driven.wanted() == 0)
    }
}
