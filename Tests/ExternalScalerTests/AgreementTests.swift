import ExternalScaler
import GatewayDemand
import Randomness
import Scaling
import Testing
import Time
import WorkerProtocol

/// Replicas that learn apart and answer alike.
@Suite struct AgreementTests {
    private static let policies: [PolicyChoice] = [
        .adaptive(.balanced), .adaptive(.lean), .hybrid, .fixed(), .concurrency(), .rate(), .keda(),
    ]

    private static func functions(_ policy: PolicyChoice, idle: Duration? = .seconds(60)) -> [ScaledFunction] {
        [ScaledFunction(name: "list", limits: PoolLimits(max: 8, idle: idle), concurrency: 10, policy: policy)]
    }

    /// One has heard everything, one hears later, one begins amid it, one is killed and another comes with nothing
    /// learned: once what each told has arrived all say the same, and never less than any of them finds.
    @Test(arguments: policies) func allSayTheSame(_ policy: PolicyChoice) {
        var world = DrivenReplicas(Self.functions(policy, idle: nil), gateways: ["a", "b"])
        var random = SeededRandom(seed: 11)
        var inFlight: [GatewayName: Int] = ["a": 0, "b": 0]
        var arrivals: UInt64 = 0
        var quiet = 0
        var rises = 0
        var last = 0
        world.start("first", delay: .milliseconds(1))
        world.start("second", delay: .milliseconds(40))
        for second in 1...2_400 {
            if second == 500 { world.start("third", delay: .milliseconds(9)) }
            if second == 900 { world.kill("first") }
            if second == 1_000 { world.start("fourth") }
            if second == 1_500 { world.kill("second") }
            if second == 1_600 { world.kill("third") }
            world.advance(to: Double(second))
            let gateway: GatewayName = random.below(2) == 0 ? "a" : "b"
            let next =
                switch random.below(120) {
                case 0..<6: random.below(70)
                case 6..<20: 0
                default: inFlight[gateway] ?? 0
                }
            arrivals += UInt64(max(0, next - (inFlight[gateway] ?? 0)))
            inFlight[gateway] = next
            world.demand(next, of: gateway, arrivals: arrivals, ready: last)
            world.advance(to: Double(second) + 0.5)
            guard world.isQuiet else { continue }
            quiet += 1
            let answers = world.answers.compactMap { $0 }
            #expect(answers.count == world.answers.count, "\(policy.name): one is silent after \(second) s")
            #expect(Set(answers).count == 1, "\(policy.name): \(answers) after \(second) s")
            let most = world.own.map(\.wanted).max() ?? 0
            #expect(answers.allSatisfy { $0 >= min(most, 8) }, "\(policy.name): \(answers) < \(most)")
            #expect(Set(world.said).count == 1 && world.said.first == (answers.first.map { $0 > 0 } ?? false))
            if let answer = answers.first {
                if answer > last { rises += 1 }
                last = answer
            }
        }
        #expect(quiet > 2_000)
        #expect(rises > 3)
        // The one that is left answers by itself.
        #expect(world.row("fourth")?.others == nil)
    }

    @Test func aReplicaThatHasJustBegunOnlyRaises() {
        var world = DrivenReplicas(Self.functions(.fixed()), settling: .seconds(10))
        world.start("old")
        world.advance(to: 100)
        #expect(world.answers == [0])
        world.demand(35, arrivals: 35, ready: 4)
        world.advance(to: 110)
        world.demand(5, arrivals: 35, ready: 4)
        world.advance(to: 150)
        // It finds one needed, and cannot know of the other three.
        world.start("new")
        world.advance(to: 150.1)
        #expect(world.answers == [4, 4])
        #expect(world.row("new")?.own == PoolClaim(function: "list", wanted: 1, kept: 4))
        #expect(world.row("new")?.explanation == "another replica of the scaler finds so many needed")
        world.advance(to: 169.9)
        #expect(world.answers == [4, 4])
        // The old one knows that they are idle, so the new one need not wait for its own time to be over.
        world.advance(to: 170.1)
        #expect(world.answers == [1, 1])
        // Nor for workers to connect, before it says that there are none.
        world.demand(0, arrivals: 35, ready: 1)
        world.start("newest")
        world.advance(to: 230.2)
        #expect(world.answers == [0, 0, 0])
    }

    @Test func onesWhoHaveAllJustBegunKeepWhatAnyOfThemFound() {
        var world = DrivenReplicas(Self.functions(.fixed()))
        world.demand(5, ready: 4)
        world.start("first")
        world.advance(to: 20)
        world.demand(5, ready: 1)
        world.start("second")
        world.advance(to: 21)
        #expect(world.answers == [4, 4])
        #expect(world.row("second")?.explanation.hasPrefix("kept until enough was seen") == true)
        world.advance(to: 60.1)
        #expect(world.answers == [1, 1])
    }

    /// It keeps what it has, not knowing better; the others do know.
    @Test func aReplicaThatSeesTooFewGatewaysHoldsNobodyUp() {
        var world = DrivenReplicas(Self.functions(.fixed()), gateways: ["a", "b"])
        world.start("whole")
        world.start("partial", reaching: ["a"])
        world.demand(50, of: "a", ready: 5)
        world.demand(20, of: "b", ready: 5)
        world.advance(to: 100)
        #expect(world.answers == [7, 7])
        world.demand(0, of: "a", ready: 7)
        world.demand(0, of: "b", ready: 7)
        world.advance(to: 161)
        #expect(world.answers == [0, 0])
        // Alone it keeps what it last said, and what it sees come.
        world.demand(30, of: "a", ready: 0)
        world.advance(to: 170)
        world.kill("whole")
        world.demand(0, of: "a", ready: 3)
        world.demand(0, of: "b", ready: 3)
        world.advance(to: 1_000)
        #expect(world.answers == [3])
        // One that sees all ends that, when it has seen it for long enough.
        world.start("whole")
        world.advance(to: 1_059)
        #expect(world.answers == [3, 3])
        world.advance(to: 1_061)
        #expect(world.answers == [0, 0])
    }

    /// What one claims ends with it, also where only it saw the demand.
    @Test func aClaimEndsWithItsReplica() {
        var world = DrivenReplicas(Self.functions(.fixed()), gateways: ["a", "b"])
        // A name's new address is found by one before the other.
        world.start("first", reaching: ["a"], known: 1)
        world.start("second")
        world.advance(to: 100)
        world.demand(30, of: "b", ready: 3)
        world.advance(to: 101)
        #expect(world.answers == [3, 3])
        world.kill("second")
        world.advance(to: 101.1)
        #expect(world.answers == [0])
    }

    // MARK: Learning

    /// A worker is there before it is needed, by what was learned before a restart.
    @Test func whatWasLearnedSurvivesARestart() {
        let minute = 60.0
        var world = DrivenReplicas(Self.functions(.hybrid, idle: nil))
        world.start("first")
        world.advance(to: 1)
        for round in 0..<3 {
            world.advance(to: 5 + Double(round) * (10 * minute + 5))
            world.demand(1, arrivals: UInt64(round + 1), ready: 1)
            world.advance(to: 5.5 + Double(round) * (10 * minute + 5))
            world.demand(0, arrivals: UInt64(round + 1), ready: 1)
        }
        let last = 5.5 + 2 * (10 * minute + 5)
        world.advance(to: last + 1)
        #expect(world.answers == [0])
        let saved = world.learned("first")
        world.kill("first")
        world.demand(0)
        world.start("second", saved: saved)
        world.advance(to: last + 2)
        // As much as the first knew.
        #expect(world.learned("second") == saved)
        #expect(world.warnings("second").isEmpty)
        world.advance(to: last + 9 * minute - 1)
        #expect(world.answers == [0] && world.said == [false])
        world.advance(to: last + 9 * minute + 1)
        #expect(world.answers == [1] && world.said == [true])
        // One that lost all gateways for a while has not forgotten either.
        #expect(world.learned("second")["list"]?.count == saved["list"]?.count)
    }

    @Test func aDamagedStateIsDiscardedWithAWarning() {
        var world = DrivenReplicas(Self.functions(.adaptive(.balanced)))
        world.start("first", saved: ["list": [1, 2, 3], "unknown": [4]])
        world.advance(to: 100)
        #expect(world.answers == [0])
        #expect(world.warnings("first").count == 1)
        #expect(world.warnings("first").first?.hasPrefix("list: the scaler's saved state was discarded") == true)
        world.demand(15, arrivals: 15)
        world.advance(to: 101)
        #expect(world.answers == [2])
    }

    /// Taken up late, it takes away no worker that is there.
    @Test func aStateThatIsReadLateTakesNothingAway() throws {
        var functions = Self.functions(.adaptive(.balanced))
        functions[0].limits = PoolLimits(max: 8, idle: .seconds(60))
        var teacher = DrivenBoard(functions)
        teacher.connect()
        teacher.demand(15, arrivals: 15)
        teacher.advance(to: 10)
        let saved = Dictionary(
            uniqueKeysWithValues: teacher.board.learned(now: teacher.now).map { ($0.function, $0.state) }
        )
        var driven = DrivenBoard(functions)
        driven.connect("a", known: 1, DrivenBoard.pool(35, arrivals: 35, ready: 4))
        driven.advance(to: 100)
        #expect(try driven.wanted() == 4)
        driven.restore(saved)
        driven.demand(0, arrivals: 35, ready: 4)
        #expect(try driven.wanted() == 4)
        driven.advance(to: 159)
        #expect(try driven.wanted() == 4)
        driven.advance(to: 161)
        #expect(try driven.wanted() == 0)
    }

    @Test func whatIsLearnedOutlastsTheGateways() {
        var driven = DrivenBoard(Self.functions(.adaptive(.balanced)))
        driven.connect()
        for round in 1...20 {
            driven.advance(to: Double(round) * 120)
            driven.demand(3, arrivals: UInt64(round), ready: 1)
            driven.advance(to: Double(round) * 120 + 5)
            driven.demand(0, arrivals: UInt64(round), ready: 1)
        }
        let before = driven.board.learned(now: driven.now).first?.state ?? []
        driven.hear(.disconnected("a"), .reach(known: 1, connected: 0))
        #expect(driven.board.learned(now: driven.now).first?.state == before)
        driven.connect("a2")
        #expect(driven.board.learned(now: driven.now).first?.state == before)
        #expect(before.count > 500)
    }

    /// KEDA takes its time; the policy starts workers as long beforehand as they take.
    @Test func measuresHowLongAWorkerTakes() {
        var driven = DrivenBoard(Self.functions(.adaptive(.balanced)))
        driven.connect()
        driven.advance(to: 100)
        #expect(driven.board.row("list")?.startTime == .seconds(2))
        driven.demand(1, arrivals: 1)
        driven.advance(to: 110)
        driven.demand(1, arrivals: 1, ready: 1)
        #expect(driven.board.row("list")?.startTime == .seconds(4))
        // What takes for ever is something else.
        driven.demand(20, arrivals: 20, ready: 1)
        driven.advance(to: 1_000)
        driven.demand(20, arrivals: 20, ready: 2)
        #expect(driven.board.row("list")?.startTime == .seconds(4))
    }
}
