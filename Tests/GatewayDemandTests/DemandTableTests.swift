import GatewayDemand
import Testing
import WorkerProtocol

@Suite struct DemandTableTests {
    private let gateway = GatewayName(id: "a", address: "10.0.0.1:7070")

    private func demand(_ function: String, inFlight: Int) -> PoolDemand {
        PoolDemand(function: function, inFlight: inFlight)
    }

    @Test func aConnectedGatewayComesWithAllItsPools() {
        var table = DemandTable()
        table.connected(gateway, [demand("f", inFlight: 0)])
        table.demand(gateway, demand("f", inFlight: 2))
        #expect(table.take() == [.connected(gateway, [demand("f", inFlight: 2)])])
        #expect(!table.hasNews)
        #expect(table.take().isEmpty)
    }

    @Test func onlyTheLastFiguresAreKept() {
        var table = DemandTable()
        table.connected(gateway, [])
        _ = table.take()
        for count in 1...1_000 { table.demand(gateway, demand("f", inFlight: count)) }
        #expect(table.take() == [.demand(gateway, demand("f", inFlight: 1_000))])
    }

    @Test func aGatewayThatCameAndWentUnnoticedIsNotMentioned() {
        var table = DemandTable()
        table.connected(gateway, [demand("f", inFlight: 1)])
        table.disconnected(gateway)
        #expect(!table.hasNews)
    }

    @Test func aGatewayThatWentAndCameIsFirstForgotten() {
        var table = DemandTable()
        table.connected(gateway, [demand("f", inFlight: 1)])
        _ = table.take()
        table.disconnected(gateway)
        table.connected(gateway, [demand("g", inFlight: 3)])
        #expect(table.take() == [.disconnected(gateway), .connected(gateway, [demand("g", inFlight: 3)])])
    }

    @Test func whatAGoneGatewaySaysIsNotHeard() {
        var table = DemandTable()
        table.connected(gateway, [])
        _ = table.take()
        table.disconnected(gateway)
        table.demand(gateway, demand("f", inFlight: 1))
        #expect(table.take() == [.disconnected(gateway)])
        #expect(!table.hasNews)
    }

    @Test func aRemovedFunctionIsToldOnce() {
        var table = DemandTable()
        table.connected(gateway, [demand("f", inFlight: 1)])
        _ = table.take()
        table.demand(gateway, demand("f", inFlight: 2))
        table.removed(gateway, function: "f")
        #expect(table.take() == [.removed(gateway, function: "f")])
        table.demand(gateway, demand("f", inFlight: 0))
        #expect(table.take() == [.demand(gateway, demand("f", inFlight: 0))])
    }

    @Test func reachIsToldWhenItChanges() {
        var table = DemandTable()
        table.reach(known: 2, connected: 0)
        #expect(table.take() == [.reach(known: 2, connected: 0)])
        table.reach(known: 2, connected: 0)
        #expect(!table.hasNews)
        table.reach(known: 2, connected: 1)
        #expect(table.take() == [.reach(known: 2, connected: 1)])
    }

    @Test func ofOthersClaimsTheLastIsHeardAndNoneOfAConnectionThatIsGone() {
        var table = DemandTable()
        func claim(_ wanted: Int) -> PoolClaim { PoolClaim(function: "f", wanted: wanted, kept: nil) }
        table.othersClaim(gateway, function: "f", claim(9))
        #expect(!table.hasNews)
        table.connected(gateway, [])
        table.othersClaim(gateway, function: "f", claim(1))
        table.othersClaim(gateway, function: "f", claim(2))
        #expect(table.take() == [.connected(gateway, []), .othersClaim(gateway, claim(2))])
        table.othersClaim(gateway, function: "f", claim(3))
        table.othersClaim(gateway, function: "f", nil)
        #expect(table.take() == [.othersSilent(gateway, function: "f")])
        table.othersClaim(gateway, function: "f", claim(4))
        table.disconnected(gateway)
        table.connected(gateway, [])
        #expect(table.take() == [.disconnected(gateway), .connected(gateway, [])])
        #expect(!table.hasNews)
    }
}
