import GatewayDemand

extension Autoscaler {
    /// Whether this replica decides at this moment.
    package nonisolated var isLeader: Bool { lease.isHeld }

    nonisolated func seekLeadership() async {
        await lease.run { await self.leads($0) }
    }

    private func leads(_ leads: Bool) {
        count { $0.transitions += 1 }
        source.lead(leads)
        act { $0.leads(leads, now: $1) }
    }

    /// Functions of which any gateway has an invocation queued or running.
    package var busy: Set<String> { core.book.busy }
}
