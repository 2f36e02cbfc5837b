import Foundation
import Kubernetes
import Logging
import Synchronization
import Time

extension Autoscaler {
    /// Whether the lease is held at this moment.
    nonisolated var holdsLease: Bool {
        mayDecide.withLock { $0.map { Instant.current < $0 } ?? false }
    }

    package var isLeader: Bool { leadership.leads(at: .current) }

    nonisolated func seekLeadership() async {
        while !Task.isCancelled {
            switch await leadershipStep() {
            case .wait(let moment):
                // Cut short by the cancellation that ends the loop.
                try? await Task.sleep(for: max(moment - .current, .milliseconds(1)))
            case .read: await readLease()
            case .write(let lease): await writeLease(lease)
            }
            await leadershipMayHaveChanged()
        }
    }

    private func leadershipStep() -> Leadership.Step {
        leadership.step(now: .current, date: Date())
    }

    private func readLease() async {
        do throws(KubernetesError) {
            let lease = try await leaseClient.lease(settings.leaseName, in: settings.namespace)
            leadership.read(lease, now: .current)
        } catch {
            failed(error)
        }
    }

    private func writeLease(_ lease: Lease) async {
        let start = Instant.current
        do throws(KubernetesError) {
            let written = try await leaseClient.write(lease, in: settings.namespace)
            leadership.wrote(written, start: start, now: .current)
        } catch {
            failed(error)
        }
    }

    private func failed(_ error: KubernetesError) {
        let isLost = error.isConflict || error.isAlreadyExists
        leadership.failed(isConflict: isLost, now: .current)
        if !isLost, !error.isCancelled { logger.warning("the lease \(settings.leaseName) cannot be had: \(error)") }
    }

    private func leadershipMayHaveChanged() {
        let leads = isLeader
        mayDecide.withLock { $0 = leadership.end }
        guard leads != core.leads else { return }
        count { $0.transitions += 1 }
        logger.notice(leads ? "leads" : "follows \(leadership.holder.isEmpty ? "nobody yet" : leadership.holder)")
        source.lead(leads)
        act { $0.leads(leads, now: $1) }
    }

    /// Leaves the lease to whoever waits for it.
    func release() async {
        mayDecide.withLock { $0 = nil }
        source.lead(false)
        guard let lease = leadership.release(date: Date()) else { return }
        do throws(KubernetesError) {
            _ = try await leaseClient.write(lease, in: settings.namespace)
        } catch {
            logger.info("the lease was not given back, others take it when it has run out: \(error)")
        }
    }
}
