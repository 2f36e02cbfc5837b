import Autoscaler
import GatewayDemand
import JSON
import Kubernetes
import Randomness
import Scaling
import Testing
import Time
import WorkerProtocol

/// A cluster that obeys at once, moved by hand.
private struct World {
    var core = AutoscalerCore(grace: .seconds(10), wallClock: .zero)
    var now = Instant.origin
    var version = 1
    var replicas: [String: Int] = [:]
    var statuses: [String: PoolStatus] = [:]
    var patches: [(function: String, replicas: Int)] = []
    var events: [PoolFailure] = []
    /// What is not answered yet: patches are carried out only when told to.
    var open: [(function: String, replicas: Int)] = []
    var obeys = true

    init(_ functions: [ScaledFunction], replicas: Int = 0) {
        take(core.apply(functions, now: now))
        for function in functions { self.replicas[function.name] = replicas }
        take(core.listed(functions.map { deployment($0.name, replicas: replicas) }, now: now))
        take(core.leads(true, now: now))
    }

    static func function(
        _ name: String = "f",
        min: Int = 0,
        max: Int = 8,
        idle: Int = 60,
        concurrency: Int = 2
    ) -> ScaledFunction {
        ScaledFunction(
            name: name,
            limits: PoolLimits(min: min, max: max, idle: .seconds(idle)),
            concurrency: concurrency,
            policy: .fixed()
        )
    }

    func deployment(_ name: String, replicas: Int, condition: String? = nil) -> DeploymentState {
        var object = KubernetesObject(apiVersion: "apps/v1", kind: "Deployment", name: name, namespace: "shop")
        object["spec", "replicas"] = .int(replicas)
        object.resourceVersion = String(version)
        if let condition {
            object["status", "conditions"] = [
                ["type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": .string(condition)]
            ]
        }
        return DeploymentState(object)
    }

    func figures(_ inFlight: Int, ready: Int = 0, arrivals: UInt64 = 0, function: String = "f") -> PoolDemand {
        PoolDemand(
            function: function,
            route: "",
            arrivals: arrivals,
            inFlight: inFlight,
            queued: 0,
            freeSlots: 0,
            readyWorkers: ready,
            leavingWorkers: 0,
            concurrency: 2
        )
    }

    mutating func take(_ actions: [AutoscalerAction]) {
        for action in actions {
            switch action {
            case .patch(let function, let replicas):
                patches.append((function, replicas))
                if obeys { carryOut(function, replicas) } else { open.append((function, replicas)) }
            case .prepare(let function, _): take(core.prepared(function, now: now))
            case .report(let status): statuses[status.function] = status
            case .record(_, let failure): events.append(failure)
            case .forget(let function): statuses[function] = nil
            case .warn(let text): Issue.record("\(text)")
            }
        }
    }

    mutating func carryOut(_ function: String, _ replicas: Int) {
        version += 1
        self.replicas[function] = replicas
        take(core.patched(function, replicas: replicas, version: version, now: now))
    }

    mutating func hear(_ events: DemandEvent...) { take(core.take(events, now: now)) }

    mutating func demand(_ gateway: GatewayName, _ figures: PoolDemand) { hear(.demand(gateway, figures)) }

    mutating func connect(_ gateways: GatewayName..., known: Int? = nil, figures: [PoolDemand] = []) {
        for gateway in gateways { hear(.connected(gateway, figures)) }
        hear(.reach(known: known ?? gateways.count, connected: gateways.count))
    }

    /// Lets time pass, and every timer fire that is due.
    mutating func pass(seconds: Int) {
        let end = now + .seconds(seconds)
        var fired = 0
        while let next = core.nextTimer, next <= end {
            now = max(now, next)
            take(core.timerFired(now: now))
            fired += 1
            guard fired < 10_000 else {
                Issue.record("timers fire without end")
                return
            }
        }
        now = end
    }
}

@Suite struct AutoscalerCoreTests {
    @Test func fromZeroAndBackWithTheSumOfAllGateways() {
        var world = World([World.function()])
        world.connect("a", "b")
        world.demand("a", world.figures(1))
        #expect(world.patches.map(\.replicas) == [1], "at once")
        world.demand("b", world.figures(4))
        #expect(world.replicas["f"] == 3, "five in flight at two a worker")
        world.demand("a", world.figures(100))
        #expect(world.replicas["f"] == 8, "never more than max")
        world.demand("a", world.figures(0, ready: 8))
        world.demand("b", world.figures(0, ready: 8))
        world.pass(seconds: 59)
        #expect(world.replicas["f"] == 8)
        world.pass(seconds: 10)
        #expect(world.replicas["f"] == 0)
        #expect(world.patches.allSatisfy { $0.replicas <= 8 })
    }

    @Test func aWindowOfTheScheduleKeepsPods() {
        var function = World.function(max: 4)
        function.floors = [.init(at: .origin, min: 0), .init(at: .origin + .seconds(100), min: 2)]
        var world = World([function])
        world.connect("a")
        world.pass(seconds: 99)
        #expect(world.replicas["f"] == 0)
        world.pass(seconds: 2)
        #expect(world.replicas["f"] == 2)
        #expect(world.statuses["f"]?.reason == "the schedule keeps 2 workers warm")
        // Never beyond what there may be, and handed in later as well.
        let (open, close) = (world.now, world.now + .seconds(50))
        world.take(world.core.schedule(["f": [.init(at: open, min: 9), .init(at: close, min: 0)]], now: world.now))
        #expect(world.replicas["f"] == 4)
        world.demand("a", world.figures(0, ready: 4))
        world.pass(seconds: 200)
        #expect(world.replicas["f"] == 0)
    }

    @Test func aReloadKeepsWhatWasLearnedAndTakesTheNewSchedule() {
        var function = World.function()
        function.policy = .hybrid
        var world = World([function])
        world.connect("a")
        for minute in 0..<40 {
            world.demand("a", world.figures(1, ready: 1, arrivals: UInt64(minute)))
            world.demand("a", world.figures(0, ready: 1, arrivals: UInt64(minute)))
            world.pass(seconds: 60)
        }
        let before = world.core.savedStates(now: world.now).first?.state
        function.concurrency = 4
        function.floors = [.init(at: world.now, min: 3)]
        world.take(world.core.apply([function], now: world.now))
        #expect(world.replicas["f"] == 3)
        #expect(world.core.savedStates(now: world.now).first?.state == before)
    }

    @Test func aFollowerHearsAndIsWarmButDoesNothing() {
        var world = World([World.function()])
        world.take(world.core.leads(false, now: world.now))
        world.connect("a")
        world.demand("a", world.figures(4))
        #expect(world.patches.isEmpty)
        #expect(world.statuses["f"]?.wanted == 2)
        world.take(world.core.leads(true, now: world.now))
        #expect(world.patches.map(\.replicas) == [2], "at the moment it leads")
    }

    @Test func whileAGatewayIsNotSeenNothingIsTakenAway() {
        var world = World([World.function()], replicas: 3)
        // Just begun: the absence of demand is not believed, even with all gateways in sight.
        world.connect("a", "b")
        world.pass(seconds: 30)
        #expect(world.replicas["f"] == 3)
        world.pass(seconds: 31)
        #expect(world.replicas["f"] == 0)

        world.demand("a", world.figures(2, ready: 3))
        world.demand("b", world.figures(4, ready: 3))
        #expect(world.replicas["f"] == 3)
        // b is lost: its demand counts for the grace time, and as long as it is known nothing is taken away.
        world.hear(.disconnected("b"), .reach(known: 2, connected: 1))
        world.demand("a", world.figures(0, ready: 3))
        world.pass(seconds: 600)
        #expect(world.replicas["f"] == 3)
        world.demand("a", world.figures(10, ready: 3))
        #expect(world.replicas["f"] == 5, "more is given all the same")
        // It is known to be gone.
        world.hear(.reach(known: 1, connected: 1))
        world.demand("a", world.figures(0, ready: 5))
        world.pass(seconds: 61)
        #expect(world.replicas["f"] == 0)
    }

    @Test func withoutAnyGatewayPodsStay() {
        var world = World([World.function()], replicas: 3)
        world.connect("a")
        world.pass(seconds: 10)
        world.hear(.disconnected("a"), .reach(known: 0, connected: 0))
        world.pass(seconds: 3_600)
        #expect(world.replicas["f"] == 3)
    }

    /// Shorter than two messages are apart, it is seen by its arrival alone.
    @Test func anArrivalThatCameAndWentBetweenTwoMessagesNeedsAWorker() {
        var world = World([World.function()])
        world.connect("a", figures: [world.figures(0, arrivals: 7)])
        #expect(world.replicas["f"] == 0)
        world.demand("a", world.figures(0, arrivals: 7))
        #expect(world.replicas["f"] == 0)
        world.demand("a", world.figures(0, arrivals: 8))
        #expect(world.replicas["f"] == 1)
    }

    /// Where it could not be read at first, as the API server was not there.
    @Test func whatWasLearnedIsTakenUpLateAndTakesNothingAway() throws {
        var function = World.function(concurrency: 1)
        function.policy = .hybrid
        var teacher = World([function])
        teacher.connect("a")
        for arrivals in 1...5 {
            teacher.demand("a", teacher.figures(1, ready: 1, arrivals: UInt64(arrivals)))
            teacher.demand("a", teacher.figures(0, ready: 1, arrivals: UInt64(arrivals)))
        }
        let saved = try #require(teacher.core.savedStates(now: teacher.now).first).state

        var world = World([function], replicas: 3)
        world.connect("a", figures: [world.figures(0, ready: 3)])
        world.take(world.core.restore(["f": saved, "unknown": [1]], now: world.now))
        #expect(world.core.savedStates(now: world.now).first?.state == saved)
        world.pass(seconds: 59)
        #expect(world.replicas["f"] == 3)
        world.pass(seconds: 20)
        #expect(world.replicas["f"] == 0)
    }

    @Test func aFailureIsToldToTheGatewaysAndWrittenDownOnce() {
        var world = World([World.function()])
        world.connect("a")
        world.demand("a", world.figures(1))
        let broken = PoolFailure(kind: .imagePull, message: "image x cannot be pulled", retryAfter: .seconds(10))
        for name in ["p1", "p2"] {
            let pod = PodState(name: name, failure: broken)
            world.take(world.core.changed(pod, named: name, of: "f", now: world.now))
        }
        #expect(world.statuses["f"]?.failure == broken)
        #expect(world.events == [broken])
        // It comes up after all.
        world.take(world.core.changed(PodState(name: "p1", isReady: true), named: "p1", of: "f", now: world.now))
        world.demand("a", world.figures(1, ready: 1))
        #expect(world.statuses["f"]?.failure == nil)
    }

    @Test func aQuotaIsReadFromTheDeployment() {
        var world = World([World.function()])
        world.connect("a")
        world.demand("a", world.figures(1))
        world.version += 1
        let message = "pods \"f-1\" is forbidden: exceeded quota: q, requested: pods=1, used: pods=3, limited: pods=3"
        world.take(world.core.changed(world.deployment("f", replicas: 1, condition: message), now: world.now))
        #expect(world.statuses["f"]?.failure?.kind == .quota)
        #expect(world.statuses["f"]?.failure?.message.contains("exceeded quota") == true)
        // Nobody calls any more: that no pod could be made does not matter.
        world.demand("a", world.figures(0))
        world.pass(seconds: 61)
        #expect(world.statuses["f"]?.failure == nil)
    }

    @Test func aFunctionWithoutADeploymentSaysSo() {
        var world = World([World.function()])
        world.take(world.core.removed(deployment: "f", now: world.now))
        world.connect("a")
        world.demand("a", world.figures(1))
        #expect(world.patches.isEmpty)
        #expect(world.statuses["f"]?.failure?.message.contains("no Deployment") == true)
        world.take(world.core.changed(world.deployment("f", replicas: 0), now: world.now))
        #expect(world.patches.map(\.replicas) == [1])
    }

    @Test func aChangedManifestIsTakenUp() {
        var world = World([World.function(), World.function("g")])
        world.connect("a")
        world.demand("a", world.figures(100))
        #expect(world.replicas["f"] == 8)
        world.take(world.core.apply([World.function(max: 3)], now: world.now))
        #expect(world.replicas["f"] == 3)
        #expect(world.statuses["g"] == nil)
        world.take(world.core.apply([World.function(min: 5, max: 9)], now: world.now))
        #expect(world.replicas["f"] == 9)
    }

    /// Whatever happens in whatever order: never more than max, and what is wanted is reached in the end.
    @Test(arguments: 0..<30) func wantedIsReachedAndMaxNeverExceeded(seed: UInt64) {
        var generator = SeededRandom(seed: seed)
        var world = World([World.function(idle: 5), World.function("g", min: 1, max: 4, idle: 5)])
        world.connect("a", "b")
        for _ in 0..<400 {
            world.obeys = Bool.random(using: &generator)
            let function = Bool.random(using: &generator) ? "f" : "g"
            let gateway: GatewayName = Bool.random(using: &generator) ? "a" : "b"
            switch Int.random(in: 0..<6, using: &generator) {
            case 0...2:
                let inFlight = Int.random(in: 0...20, using: &generator)
                world.demand(gateway, world.figures(inFlight, ready: world.replicas[function] ?? 0, function: function))
            case 3: world.pass(seconds: Int.random(in: 0...8, using: &generator))
            case 4:
                guard let (name, replicas) = world.open.popLast() else { continue }
                if Bool.random(using: &generator) {
                    world.carryOut(name, replicas)
                } else {
                    let isConflict = Bool.random(using: &generator)
                    world.take(world.core.patchFailed(name, isConflict: isConflict, now: world.now))
                }
            default:
                world.version += 1
                let seen = world.deployment(function, replicas: world.replicas[function] ?? 0)
                world.take(world.core.changed(seen, now: world.now))
            }
        }
        world.obeys = true
        while let (name, replicas) = world.open.popLast() { world.carryOut(name, replicas) }
        for gateway: GatewayName in ["a", "b"] {
            for function in ["f", "g"] { world.demand(gateway, world.figures(3, ready: 3, function: function)) }
        }
        world.pass(seconds: 30)
        #expect(world.replicas == ["f": 3, "g": 3])
        #expect(world.patches.allSatisfy { $0.replicas <= ($0.function == "f" ? 8 : 4) && $0.replicas >= 0 })
    }
}
