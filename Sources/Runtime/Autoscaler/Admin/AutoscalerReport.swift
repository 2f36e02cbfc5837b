package import AdminPort
import GatewayDemand
package import JSON
import Scaling
import ScalingReports
import Telemetry
import Time
import WorkerProtocol

/// What an autoscaler's admin port shows: the same documents as a gateway's, as far as an autoscaler knows.
package struct AutoscalerReport: Sendable {
    private let autoscaler: Autoscaler

    package init(_ autoscaler: Autoscaler) {
        self.autoscaler = autoscaler
    }

    /// The answer to a request for a path.
    package func answer(_ path: String) async throws -> AdminAnswer {
        let prefix = "/api/pools/"
        switch path {
        case "/livez": return AdminAnswer("ok")
        case "/readyz":
            let hindrance = await autoscaler.hindrance
            return hindrance.map { AdminAnswer($0, status: 503) } ?? AdminAnswer("ok")
        case "/metrics": return AdminAnswer(metrics: await autoscaler.metrics)
        case "/api/pools": return try AdminAnswer(await autoscaler.poolsDocument)
        case _ where path.hasPrefix(prefix):
            if let document = await autoscaler.explanation(of: String(path.dropFirst(prefix.count))) {
                return try AdminAnswer(document)
            }
            return AdminAnswer("there is no function of this name", status: 404)
        default:
            return AdminAnswer("there are /livez, /readyz, /metrics, /api/pools and /api/pools/NAME", status: 404)
        }
    }
}

extension Autoscaler {
    /// Why this cannot scale at the moment; a follower is as ready as a leader.
    var hindrance: String? {
        if !core.knowsDeployments { return "the API server has not been reached yet" }
        return core.book.connected == 0 ? "no gateway is connected" : nil
    }

    var poolsDocument: JSONValue {
        let (leader, book) = (lease.holder, core.book)
        return [
            "leader": .string(leader),
            "leads": .bool(isLeader),
            "gateways": ["known": .int(book.known), "connected": .int(book.connected)],
            "pools": .array(core.pools.keys.sorted().compactMap { summary(of: $0) }),
        ]
    }

    private func summary(of name: String) -> JSONValue? {
        guard let pool = core.pools[name] else { return nil }
        let totals = core.book.totals(of: name)
        let decision = pool.scaler.decision
        return [
            "function": .string(name),
            "route": pool.function.route.isEmpty ? .null : .string(pool.function.route),
            "workers": .int(pool.pods.count),
            "ready": .int(totals.readyWorkers),
            "starting": .int(max(0, pool.present - totals.readyWorkers)),
            "leaving": .int(pool.terminating),
            "slots": .int(totals.readyWorkers * pool.function.concurrency),
            "freeSlots": .int(totals.freeSlots),
            "running": .int(max(0, totals.inFlight - totals.queued)),
            "queued": .int(totals.queued),
            "arrivals": .int(Int(clamping: totals.arrivals)),
            "coldStarts": .int(Int(clamping: pool.starts)),
            "wanted": .int(decision.wanted),
            "replicas": pool.reconciler.current.map { .int($0) } ?? .null,
            "reason": .string("\(decision.reason)"),
            "policy": .string(pool.function.policy.name),
            "failure": Self.json(pool.told?.failure),
        ]
    }

    /// The decisions of one pool with what they rest on, as a gateway's admin port gives them.
    package func explanation(of name: String) -> JSONValue? {
        guard let pool = core.pools[name] else { return nil }
        var document = pool.scaler.explanation.json(function: name, now: .current).objectValue ?? JSONObject()
        document["replicas"] = pool.reconciler.current.map { .int($0) } ?? .null
        document["pods"] = .int(pool.pods.count)
        document["failure"] = Self.json(pool.told?.failure)
        document["leads"] = .bool(isLeader)
        // Why what is wanted is not done.
        document["held"] = held(pool).map { .string($0) } ?? .null
        return .object(document)
    }

    private static func json(_ failure: PoolFailure?) -> JSONValue {
        guard let failure else { return .null }
        return ["kind": .string("\(failure.kind)"), "message": .string(failure.message)]
    }

    private func held(_ pool: ScaledPool) -> String? {
        guard let current = pool.reconciler.current, pool.scaler.decision.wanted != current else { return nil }
        if !isLeader { return lease.holder.isEmpty ? "nobody leads" : "\(lease.holder) leads" }
        guard pool.scaler.decision.wanted < current else { return nil }
        let book = core.book
        if !book.isComplete {
            return "the demand of \(max(0, book.known - book.connected)) of \(book.known) gateways is not known, "
                + "so that no pod is taken away"
        }
        return pool.trustsAbsenceFrom > .current ? "this scaler has just begun and has seen no idleness yet" : nil
    }

    var metrics: String {
        var text = PrometheusText()
        func gauge(_ name: String, _ help: String, _ value: UInt64) {
            text.family(name, .gauge, help: help)
            text.sample(name, [], value)
        }
        func counter(_ name: String, _ help: String, _ value: UInt64) {
            text.family(name, .counter, help: help)
            text.sample(name, [], value)
        }
        gauge("shopfn_autoscaler_leads", "Whether this replica decides.", isLeader ? 1 : 0)
        text.family("shopfn_autoscaler_gateways", .gauge, help: "Gateways by state.")
        text.sample("shopfn_autoscaler_gateways", [("state", "known")], UInt64(core.book.known))
        text.sample("shopfn_autoscaler_gateways", [("state", "connected")], UInt64(core.book.connected))
        counter("shopfn_autoscaler_transitions_total", "Times the lead was won or lost.", counts.transitions)
        let conflicts = lease.conflicts
        counter("shopfn_autoscaler_lease_conflicts_total", "Times somebody else wrote the lease first.", conflicts)
        text.family("shopfn_autoscaler_patches_total", .counter, help: "Patches of scales by outcome.")
        text.sample("shopfn_autoscaler_patches_total", [("outcome", "done")], counts.patches)
        text.sample("shopfn_autoscaler_patches_total", [("outcome", "conflict")], counts.conflicts)
        text.sample("shopfn_autoscaler_patches_total", [("outcome", "failed")], counts.failedPatches)
        counter("shopfn_autoscaler_events_total", "Events written for pools that get no workers.", counts.events)
        counter("shopfn_autoscaler_watch_failures_total", "Times a watch failed.", counts.watchFailures)
        let pools = core.pools.sorted { $0.key < $1.key }
        text.family("shopfn_scaler_wanted_workers", .gauge, help: "Workers wanted.")
        for (name, pool) in pools {
            text.sample("shopfn_scaler_wanted_workers", [("function", name)], UInt64(pool.scaler.decision.wanted))
        }
        text.family("shopfn_scaler_replicas", .gauge, help: "Replicas the Deployment asks for.")
        for (name, pool) in pools {
            guard let current = pool.reconciler.current else { continue }
            text.sample("shopfn_scaler_replicas", [("function", name)], UInt64(max(0, current)))
        }
        text.family("shopfn_scale_decisions_total", .counter, help: "Changed decisions by reason.")
        for (name, pool) in pools {
            for (reason, count) in pool.decisions.sorted(by: { $0.key < $1.key }) {
                text.sample("shopfn_scale_decisions_total", [("function", name), ("reason", reason)], count)
            }
        }
        text.family("shopfn_scaler_failure", .gauge, help: "Pools that get no workers, by reason.")
        for (name, pool) in pools {
            guard let failure = pool.told?.failure else { continue }
            text.sample("shopfn_scaler_failure", [("function", name), ("reason", "\(failure.kind)")], 1.0)
        }
        return String(decoding: text.bytes, as: UTF8.self)
    }
}
