import GatewayDemand
package import Time

extension AutoscalerCore {
    package mutating func listed(_ deployments: [DeploymentState], now: Instant) -> [AutoscalerAction] {
        knowsDeployments = true
        let found = Dictionary(deployments.map { ($0.name, $0) }) { first, _ in first }
        var actions: [AutoscalerAction] = []
        for name in pools.keys { actions += deploymentChanged(name, found[name], now) }
        return actions
    }

    package mutating func changed(_ deployment: DeploymentState, now: Instant) -> [AutoscalerAction] {
        deploymentChanged(deployment.name, deployment, now)
    }

    package mutating func removed(deployment name: String, now: Instant) -> [AutoscalerAction] {
        deploymentChanged(name, nil, now)
    }

    private mutating func deploymentChanged(
        _ name: String,
        _ deployment: DeploymentState?,
        _ now: Instant
    ) -> [AutoscalerAction] {
        guard var pool = pools[name] else { return [] }
        pool.deployment = deployment
        pool.reconciler.observed(deployment?.replicas, version: deployment?.version ?? 0, now: now)
        return settle(name, &pool, now)
    }

    /// All pods there are, each with the function it belongs to.
    package mutating func listed(_ pods: [(function: String, pod: PodState)], now: Instant) -> [AutoscalerAction] {
        var found: [String: [String: PodState]] = [:]
        for (function, pod) in pods { found[function, default: [:]][pod.name] = pod }
        var actions: [AutoscalerAction] = []
        for name in pools.keys where pools[name]?.pods != found[name] ?? [:] {
            pools[name]?.pods = found[name] ?? [:]
            actions += podsChanged(name, now)
        }
        return actions
    }

    /// A pod changed; `nil` for one that is no more.
    package mutating func changed(
        _ pod: PodState?,
        named name: String,
        of function: String,
        now: Instant
    ) -> [AutoscalerAction] {
        guard pools[function] != nil, pools[function]?.pods[name] != pod else { return [] }
        pools[function]?.pods[name] = pod
        return podsChanged(function, now)
    }

    mutating func podsChanged(_ name: String, _ now: Instant) -> [AutoscalerAction] {
        guard var pool = pools[name] else { return [] }
        workersChanged(&pool, book.totals(of: name).readyWorkers, now)
        return settle(name, &pool, now)
    }

    /// The pods of a function, for choosing which go first.
    package func pods(of function: String) -> [PodState] {
        pools[function].map { Array($0.pods.values) } ?? []
    }
}
