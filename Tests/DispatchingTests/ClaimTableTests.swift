import Dispatching
import Testing
import WorkerProtocol

/// What replicas of a scaler hear of each other.
@Suite struct ClaimTableTests {
    private typealias Table = ClaimTable<String>

    private func claim(_ wanted: Int, kept: Int? = nil, of function: String = "f") -> PoolClaim {
        PoolClaim(function: function, wanted: wanted, kept: kept)
    }

    @Test func oneAloneHearsNothing() {
        var table = Table()
        #expect(table.claim(claim(3), by: "a").isEmpty)
        #expect(table.claim(claim(4), by: "a").isEmpty)
        #expect(table.leave("a").isEmpty)
        #expect(table.withdraw("f", by: "a").isEmpty)
    }

    @Test func eachHearsTheMostOfAllOthersAndNeverItsOwn() {
        var table = Table()
        _ = table.claim(claim(3), by: "a")
        let second = table.claim(claim(5), by: "b")
        #expect(
            Set(second) == [
                .init(peer: "a", function: "f", others: claim(5)), .init(peer: "b", function: "f", others: claim(3)),
            ]
        )
        let third = table.claim(claim(4), by: "c")
        // The most that the others find has not changed for `a`.
        #expect(
            Set(third) == [
                .init(peer: "b", function: "f", others: claim(4)), .init(peer: "c", function: "f", others: claim(5)),
            ]
        )
        // Claims of another function are nobody else's.
        #expect(table.claim(claim(9, of: "g"), by: "c").isEmpty)
        #expect(table.claim(claim(4), by: "c").isEmpty)
    }

    @Test func whatOneClaimedEndsWithIt() {
        var table = Table()
        _ = table.claim(claim(3), by: "a")
        _ = table.claim(claim(7), by: "b")
        _ = table.claim(claim(1), by: "c")
        #expect(
            Set(table.leave("b")) == [
                .init(peer: "a", function: "f", others: claim(1)), .init(peer: "c", function: "f", others: claim(3)),
            ]
        )
        #expect(table.withdraw("f", by: "c") == [.init(peer: "a", function: "f", others: nil)])
        // One that comes again is told anew.
        #expect(
            Set(table.claim(claim(0), by: "c")) == [
                .init(peer: "a", function: "f", others: claim(0)), .init(peer: "c", function: "f", others: claim(3)),
            ]
        )
    }

    /// Who has seen enough speaks for all that only keep what they found.
    @Test func nothingIsKeptWhereOneHasSeenEnough() {
        var table = Table()
        _ = table.claim(claim(1, kept: 8), by: "a")
        _ = table.claim(claim(2, kept: 6), by: "b")
        let unsure = table.claim(claim(0, kept: 0), by: "c")
        #expect(unsure == [.init(peer: "c", function: "f", others: claim(2, kept: 8))])
        let sure = table.claim(claim(0), by: "c")
        #expect(
            Set(sure) == [
                .init(peer: "a", function: "f", others: claim(2)), .init(peer: "b", function: "f", others: claim(1)),
            ]
        )
    }
}
