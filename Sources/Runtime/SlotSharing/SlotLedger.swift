package import Time

/// Which gateway holds which of a worker's slots, so that together they never hold more than there are.
///
/// Pure. An offered slot is a promise: the gateway may send an invocation for it at any moment. So a slot goes from one
/// gateway to another only by being asked back, given back, and offered anew. Every gateway starts with its share; one
/// whose requests wait says so and borrows what others leave unused; when all of them have more to do than there are
/// slots, they are evened out. Nobody is left without a slot while another has two.
package struct SlotLedger: Sendable {
    /// What the worker is to tell a gateway.
    package enum Action: Hashable, Sendable {
        /// So many slots more.
        case offer(Gateway, slots: Int)
        /// So many slots back, free ones at once and others as they come free.
        case reclaim(Gateway, slots: Int)
    }

    /// A connection to a gateway, by the worker's own number.
    package typealias Gateway = Int

    private struct Account: Sendable {
        /// Slots it was offered and has not given back.
        var held = 0
        /// Those of them that are asked back.
        var asked = 0
        /// Slots it wants more.
        var wanted = 0
        var wantsUntil = Instant.origin
        /// When it was last offered a slot, counted in offers.
        var turn = 0

        /// What it will have once it gave back what it is asked for.
        var settled: Int { held - asked }

        func wants(_ now: Instant) -> Int { now < wantsUntil ? wanted : 0 }
    }

    /// How long a gateway's word that requests wait there counts; it says so again as long as it is so.
    package static let hungerLasts = Duration.milliseconds(250)

    package let slots: Int
    private var accounts: [Gateway: Account] = [:]
    /// Slots that no gateway holds and no handler occupies.
    private var kept: Int
    /// Slots occupied by invocations of gateways that are gone.
    private var orphaned = 0
    private var known = 0
    private var turns = 0
    private var isClosed = false

    /// - Parameter slots: The worker's concurrency.
    package init(slots: Int) {
        self.slots = slots
        kept = slots
    }

    /// The slots a gateway may send invocations for.
    package func held(by gateway: Gateway) -> Int {
        accounts[gateway]?.held ?? 0
    }

    // MARK: Events

    // Each takes `busy`: how many invocations each connected gateway has running here.

    /// So many gateways are known, connected or not; slots are put by for those that are not.
    package mutating func expect(_ known: Int, busy: [Gateway: Int], now: Instant) -> [Action] {
        self.known = known
        return settle(busy, now)
    }

    /// A gateway is connected.
    package mutating func join(_ gateway: Gateway, busy: [Gateway: Int], now: Instant) -> [Action] {
        guard accounts[gateway] == nil else { return [] }
        accounts[gateway] = Account()
        // Where the others hold everything, it borrows its share like one whose requests wait.
        accounts[gateway] = Account(wanted: share, wantsUntil: now + Self.hungerLasts)
        return settle(busy, now)
    }

    /// A gateway is gone, and `running` of its invocations are not.
    package mutating func lose(_ gateway: Gateway, running: Int, busy: [Gateway: Int], now: Instant) -> [Action] {
        guard let account = accounts.removeValue(forKey: gateway) else { return [] }
        let left = min(running, account.held)
        orphaned += left
        kept += account.held - left
        return settle(busy, now)
    }

    /// Invocations of gateways that are gone have ended; `running` are left.
    package mutating func orphansLeft(_ running: Int, busy: [Gateway: Int], now: Instant) -> [Action] {
        let ended = orphaned - min(running, orphaned)
        orphaned -= ended
        kept += ended
        return ended > 0 ? settle(busy, now) : []
    }

    /// A gateway has requests that wait for so many slots.
    package mutating func want(_ gateway: Gateway, slots: Int, busy: [Gateway: Int], now: Instant) -> [Action] {
        accounts[gateway]?.wanted = slots
        accounts[gateway]?.wantsUntil = now + Self.hungerLasts
        return settle(busy, now)
    }

    /// A gateway gave slots back.
    ///
    /// - Returns: `nil` where it was not asked for so many.
    package mutating func reclaimed(
        _ slots: Int,
        from gateway: Gateway,
        busy: [Gateway: Int],
        now: Instant
    ) -> [Action]? {
        guard var account = accounts[gateway], slots <= account.asked else { return nil }
        account.asked -= slots
        account.held -= slots
        accounts[gateway] = account
        kept += slots
        return settle(busy, now)
    }

    /// The worker leaves: nothing is offered any more.
    package mutating func close() {
        isClosed = true
    }

    // MARK: Decisions

    /// What each gateway has when nobody wants more.
    private var share: Int { slots / max(known, accounts.count, 1) }

    private mutating func settle(_ busy: [Gateway: Int], _ now: Instant) -> [Action] {
        guard !isClosed else { return [] }
        var offers: [Gateway: Int] = [:]
        giveToHungry(&offers, now)
        giveShares(&offers)
        var actions = offers.sorted { $0.key < $1.key }.map { Action.offer($0.key, slots: $0.value) }
        actions += borrow(busy, now)
        return actions
    }

    private mutating func give(_ gateway: Gateway, _ offers: inout [Gateway: Int]) {
        kept -= 1
        turns += 1
        accounts[gateway]?.held += 1
        accounts[gateway]?.turn = turns
        offers[gateway, default: 0] += 1
    }

    /// Kept slots go to those whose requests wait, to the one with the fewest first.
    private mutating func giveToHungry(_ offers: inout [Gateway: Int], _ now: Instant) {
        while kept > 0, let next = least({ $0.wants(now) > 0 }) {
            accounts[next]?.wanted -= 1
            give(next, &offers)
        }
    }

    /// Kept slots go to those with less than their share; what is put by for gateways that are not connected stays.
    private mutating func giveShares(_ offers: inout [Gateway: Int]) {
        let share = share
        while kept > 0, let next = least({ $0.settled < share }) { give(next, &offers) }
        guard accounts.count >= known else { return }
        // What the division left over, and all there is where there are more gateways than slots.
        while kept > 0, let next = least({ _ in true }) { give(next, &offers) }
    }

    private func least(_ isMeant: (Account) -> Bool) -> Gateway? {
        // Among equals it is the turn of the one that waits longest.
        accounts.filter { isMeant($0.value) }.min {
            ($0.value.settled, $0.value.turn, $0.key) < ($1.value.settled, $1.value.turn, $1.key)
        }?.key
    }

    /// Asks slots back for those who want more than is kept.
    private mutating func borrow(_ busy: [Gateway: Int], _ now: Instant) -> [Action] {
        var claims: [Gateway: Int] = [:]
        var incoming: [Gateway: Int] = [:]
        // Slots that are on their way back are for those who want some already.
        var onTheWay = accounts.values.reduce(0) { $0 + $1.asked }
        let hungry = accounts.keys.filter { (accounts[$0]?.wants(now) ?? 0) > 0 }.sorted()
        var wants = Dictionary(uniqueKeysWithValues: hungry.map { ($0, accounts[$0]?.wants(now) ?? 0) })
        while let taker = hungry.filter({ (wants[$0] ?? 0) > 0 }).min(by: {
            (has($0, incoming), $0) < (has($1, incoming), $1)
        }) {
            wants[taker, default: 0] -= 1
            if onTheWay > 0 {
                onTheWay -= 1
                incoming[taker, default: 0] += 1
                continue
            }
            guard let donor = donor(for: taker, busy, incoming, now) else {
                wants[taker] = 0
                continue
            }
            incoming[taker, default: 0] += 1
            claims[donor, default: 0] += 1
            accounts[donor]?.asked += 1
        }
        return claims.sorted { $0.key < $1.key }.map { .reclaim($0.key, slots: $0.value) }
    }

    private func has(_ gateway: Gateway, _ incoming: [Gateway: Int]) -> Int {
        (accounts[gateway]?.settled ?? 0) + (incoming[gateway] ?? 0)
    }

    /// Who can best spare a slot for `taker`: one that leaves most unused, else one that has two more than it.
    private func donor(
        for taker: Gateway,
        _ busy: [Gateway: Int],
        _ incoming: [Gateway: Int],
        _ now: Instant
    ) -> Gateway? {
        let takers = has(taker, incoming)
        let reserve = slots >= accounts.count ? 1 : 0
        var best: (gateway: Gateway, free: Int, settled: Int)?
        for (gateway, account) in accounts where gateway != taker && account.settled > 0 {
            let free = max(0, account.held - account.asked - (busy[gateway] ?? 0))
            let isIdle = free > 0 && account.wants(now) == 0
            let settled = has(gateway, incoming)
            let spares =
                isIdle && account.settled > reserve
                || settled - takers >= 2
                || takers == 0 && account.settled > 0 && (isIdle || slots < accounts.count)
            guard spares else { continue }
            let candidate = (gateway: gateway, free: isIdle ? free : 0, settled: account.settled)
            if let best, (best.free, best.settled, -best.gateway) > (candidate.free, candidate.settled, -gateway) {
                continue
            }
            best = candidate
        }
        return best?.gateway
    }
}
