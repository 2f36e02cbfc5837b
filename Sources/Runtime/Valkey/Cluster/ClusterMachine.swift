import Randomness
package import Time

/// What a cluster's client knows of the cluster, and what it makes of it: pure, fed with events and the time.
///
/// It knows which node has which slot, learns from every redirection, and decides when to ask whom for all slots. One
/// question is under way at a time, under a number of its own, the epoch; a reply of an earlier one is ignored.
package struct ClusterMachine: Sendable {
    package typealias Epoch = UInt64

    /// What the driver is to do.
    package struct Work: Equatable, Sendable {
        /// Ask this node for all slots, under this number.
        package var ask: Question?
        /// End the connections to these nodes.
        package var close: [ClusterNode] = []
        /// Tell those who wait for the slots to look again.
        package var isNews = false
        /// Ask for work again at this time, if nothing happens before.
        package var wakeAt: Instant?

        /// Nothing.
        package init() {}

        fileprivate init(ask: Question) { self.ask = ask }

        fileprivate static var news: Work {
            var work = Work()
            work.isNews = true
            return work
        }
    }

    /// A question for all slots.
    package struct Question: Equatable, Sendable {
        package var node: ClusterNode
        package var epoch: Epoch
    }

    private enum Phase {
        /// Nothing is asked before this time.
        case idle(notBefore: Instant)
        case asking(Question, untried: [ClusterNode])
    }

    private static let nobody = UInt16.max

    let settings: ClusterSettings
    private var phase = Phase.idle(notBefore: .origin)
    private var epoch: Epoch = 0
    private var isWanted = false
    private var failures = 0
    private var random: SeededRandom

    /// The nodes that have slots, and for each slot the place of its node among them.
    private var masters: [ClusterNode] = []
    private var owners: [UInt16] = []
    /// Nodes whose last connection or attempt ended.
    private var down: Set<ClusterNode> = []
    /// Nodes that were used and have no slots any more, and when their connections end.
    private var leaving: [ClusterNode: Instant] = [:]
    private var used: Set<ClusterNode> = []
    /// Why there is no usable answer for whoever waits for one.
    package private(set) var lastFailure: ValkeyError?

    package init(settings: ClusterSettings, seed: UInt64) {
        self.settings = settings
        random = SeededRandom(seed: seed)
    }

    // MARK: Slots

    /// The node that has a slot, or any node that has some; `nil` when that is not known.
    package mutating func route(_ slot: HashSlot?) -> ClusterNode? {
        guard let slot else {
            guard let node = masters.first(where: { !down.contains($0) }) ?? masters.first else { return nil }
            return use(node)
        }
        guard !owners.isEmpty else { return nil }
        let owner = owners[Int(slot.number)]
        return owner == Self.nobody ? nil : use(masters[Int(owner)])
    }

    /// Whether a node has told its slots, though not all may be anybody's.
    package var knowsSlots: Bool { !owners.isEmpty }

    /// All nodes that have slots; none when that is not known.
    package mutating func everyMaster() -> [ClusterNode] {
        let all = masters.filter { node in owners.contains(place(of: node) ?? Self.nobody) }
        for node in all { _ = use(node) }
        return all
    }

    private mutating func use(_ node: ClusterNode) -> ClusterNode {
        if used.insert(node).inserted || !leaving.isEmpty { leaving[node] = nil }
        return node
    }

    private func place(of node: ClusterNode) -> UInt16? { masters.firstIndex(of: node).map { UInt16($0) } }

    private mutating func assign(_ slot: HashSlot, to node: ClusterNode) {
        if owners.isEmpty { owners = Array(repeating: Self.nobody, count: HashSlot.count) }
        guard let known = place(of: node) else {
            masters.append(node)
            owners[Int(slot.number)] = UInt16(masters.count - 1)
            return
        }
        owners[Int(slot.number)] = known
    }

    // MARK: Calls

    /// How far a call is.
    package struct Attempt: Equatable, Sendable {
        /// How often it was sent.
        package var number = 0
        package var entered: Instant
        package var deadline: Instant

        package init(entered: Instant, deadline: Instant) {
            self.entered = entered
            self.deadline = deadline
        }
    }

    /// What becomes of a call.
    package enum Verdict: Equatable, Sendable {
        /// What came is the caller's.
        case over
        /// Send it to this node; `asking` lets it touch a slot that the node is about to take over.
        case again(at: ClusterNode, asking: Bool)
        /// Send it after a while to whoever has its slot then.
        case later(Duration)
    }

    /// Judges an error that a node replied with.
    package mutating func judge(
        _ error: ValkeyServerError,
        from node: ClusterNode,
        _ attempt: Attempt,
        now: Instant
    ) -> Verdict {
        switch error.code {
        case "MOVED", "ASK":
            let words = error.message.split(separator: " ")
            guard words.count >= 3, let slot = Int(words[1]).flatMap({ HashSlot($0) }),
                let target = ClusterNode(words[2], asker: node)
            else { return .over }
            if error.code == "MOVED" {
                assign(slot, to: target)
                isWanted = true
            }
            guard attempt.number < settings.mostAttempts, now < attempt.deadline else { return .over }
            return .again(at: use(target), asking: error.code == "ASK")
        case "TRYAGAIN":
            // The slot's keys are on their way to another node; it takes as long as it takes.
            return later(attempt, until: attempt.deadline, now: now)
        case "CLUSTERDOWN", "READONLY":
            isWanted = true
            return later(attempt, until: min(attempt.deadline, attempt.entered + settings.patience), now: now)
        default:
            return .over
        }
    }

    /// Judges that a node could not be reached, and so did not get the call.
    package mutating func unreachable(
        _ node: ClusterNode,
        _ slot: HashSlot?,
        _ attempt: Attempt,
        now: Instant
    ) -> Verdict {
        down.insert(node)
        isWanted = true
        guard attempt.number < settings.mostAttempts, now < attempt.deadline, let other = route(slot), other != node
        else { return .over }
        return .again(at: other, asking: false)
    }

    private mutating func later(_ attempt: Attempt, until limit: Instant, now: Instant) -> Verdict {
        let delay = settings.backoff.delay(failures: attempt.number, random: random.next())
        return now + delay < limit ? .later(delay) : .over
    }

    // MARK: Nodes

    /// A connection to a node stands.
    package mutating func connected(_ node: ClusterNode) {
        down.remove(node)
    }

    /// A connection or an attempt ended: another node may have taken over, and can be asked at once.
    @discardableResult
    package mutating func disconnected(_ node: ClusterNode) -> Work {
        guard used.contains(node), leaving[node] == nil else { return Work() }
        down.insert(node)
        isWanted = true
        guard case .asking(let question, var untried) = phase, question.node == node, !untried.isEmpty else {
            return Work()
        }
        return Work(ask: ask(untried.removeFirst(), untried: untried))
    }

    // MARK: Questions

    /// A node told all slots.
    package mutating func told(_ topology: ClusterTopology, _ epoch: Epoch, now: Instant) -> Work {
        guard case .asking(let question, _) = phase, question.epoch == epoch else { return Work() }
        masters = []
        owners = Array(repeating: Self.nobody, count: HashSlot.count)
        for range in topology.ranges {
            let owner = place(of: range.node) ?? UInt16(masters.count)
            if owner == masters.count { masters.append(range.node) }
            for slot in range.slots { owners[slot] = owner }
        }
        for node in used where !masters.contains(node) && leaving[node] == nil {
            leaving[node] = now + settings.grace
        }
        down.formIntersection(used)
        failures = 0
        lastFailure = nil
        phase = .idle(notBefore: now + settings.interval)
        return .news
    }

    /// A node did not tell the slots.
    package mutating func failed(_ error: ValkeyError, _ epoch: Epoch, now: Instant) -> Work {
        guard case .asking(let question, var untried) = phase, question.epoch == epoch else { return Work() }
        lastFailure = error
        if !untried.isEmpty {
            return Work(ask: ask(untried.removeFirst(), untried: untried))
        }
        failures += 1
        isWanted = true
        phase = .idle(notBefore: now + settings.backoff.delay(failures: failures, random: random.next()))
        return .news
    }

    /// What is to be done now.
    package mutating func poll(now: Instant, isAwaited: Bool) -> Work {
        var work = Work()
        for (node, time) in leaving where time <= now {
            leaving[node] = nil
            used.remove(node)
            down.remove(node)
            work.close.append(node)
        }
        work.wakeAt = leaving.values.min()
        if case .idle(let notBefore) = phase, isWanted || isAwaited {
            if now >= notBefore {
                var candidates = self.candidates
                work.ask = ask(candidates.removeFirst(), untried: candidates)
            } else {
                work.wakeAt = min(work.wakeAt ?? notBefore, notBefore)
            }
        }
        return work
    }

    private mutating func ask(_ node: ClusterNode, untried: [ClusterNode]) -> Question {
        isWanted = false
        epoch += 1
        let question = Question(node: use(node), epoch: epoch)
        phase = .asking(question, untried: untried)
        return question
    }

    /// Whom to ask: nodes that are there first, each first in turn; at last where the URL leads.
    private var candidates: [ClusterNode] {
        let offset = masters.isEmpty ? 0 : Int(epoch % UInt64(masters.count))
        let turned = masters[offset...] + masters[..<offset]
        let known = turned.filter { !down.contains($0) } + turned.filter { down.contains($0) }
        let seeds = settings.seeds.filter { !known.contains($0) }
        return known + seeds.filter { !down.contains($0) } + seeds.filter { down.contains($0) }
    }
}

/// What a cluster machine needs to know.
package struct ClusterSettings: Sendable {
    /// Where the URL leads; at least one.
    package var seeds: [ClusterNode]
    /// How long a call waits for a cluster that is down.
    package var patience: Duration
    /// How long a node without slots may still answer what it was asked.
    package var grace: Duration
    /// The least time between two questions for all slots.
    package var interval: Duration
    /// How often a call is sent at most.
    package var mostAttempts: Int
    package var backoff: Backoff

    package init(
        seeds: [ClusterNode],
        patience: Duration = .seconds(1),
        grace: Duration = .seconds(5),
        interval: Duration = .milliseconds(250),
        mostAttempts: Int = 16,
        backoff: Backoff = Backoff(longest: .milliseconds(200))
    ) {
        self.seeds = seeds
        self.patience = patience
        self.grace = grace
        self.interval = interval
        self.mostAttempts = mostAttempts
        self.backoff = backoff
    }
}
