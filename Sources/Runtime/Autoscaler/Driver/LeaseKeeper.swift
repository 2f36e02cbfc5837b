import FoundationEssentials
package import Kubernetes
package import Logging
import Synchronization
import Time

/// Sees to it that one of several leads, by a Lease of the cluster.
package final class LeaseKeeper: Sendable {
    /// Its own connection and short patience: a renewal must not wait behind anything.
    private let client: KubernetesClient
    private let namespace: String
    private let logger: Logger
    private let state: Mutex<Leadership>
    private let wakeUp = WakeUp()
    private let lostRaces = Atomic<UInt64>(0)

    /// `name` is the Lease's, `identity` tells who this is among several: the pod's name.
    package init(
        name: String,
        namespace: String,
        identity: String,
        timing: Leadership.Timing = Leadership.Timing(),
        cluster: ClusterConfiguration,
        userAgent: String,
        logger: Logger
    ) {
        self.namespace = namespace
        self.logger = logger
        client = KubernetesClient(
            cluster,
            settings: .init(
                timeout: .milliseconds(1_500),
                connectTimeout: .seconds(1),
                attempts: 1,
                userAgent: userAgent
            )
        )
        state = Mutex(Leadership(name: name, identity: identity, timing: timing))
    }

    /// Whether the lease is held at this moment.
    package var isHeld: Bool { state.withLock { $0.leads(at: .current) } }

    /// Tells apart each time that anybody began to lead; `nil` while this does not.
    package var term: Int? { state.withLock { $0.term(at: .current) } }

    /// Who leads as far as is known; empty for nobody.
    package var holder: String { state.withLock { $0.holder } }

    /// How often somebody else wrote the lease first.
    package var conflicts: UInt64 { lostRaces.load(ordering: .relaxed) }

    /// What the last leader handed on, or this one does.
    package var record: String? { state.withLock { $0.record } }

    /// Has a text written into the lease at once, for whoever leads after this.
    package func handOn(_ record: String) {
        state.withLock { $0.handOn(record, now: .current) }
        wakeUp.call()
    }

    /// Seeks the lease and keeps it until the task ends; `observer` hears of each change.
    package func run(_ observer: @Sendable (Bool) async -> Void) async {
        var led = false
        while !Task.isCancelled {
            switch state.withLock({ $0.step(now: .current, date: Date()) }) {
            case .wait(let moment):
                await wakeUp.wait(until: moment)
            case .read: await read()
            case .write(let lease): await write(lease)
            }
            let leads = isHeld
            guard leads != led else { continue }
            led = leads
            logger.notice(leads ? "leads" : "follows \(holder.isEmpty ? "nobody yet" : holder)")
            await observer(leads)
        }
    }

    private func read() async {
        do throws(KubernetesError) {
            let lease = try await client.lease(name, in: namespace)
            state.withLock { $0.read(lease, now: .current) }
        } catch {
            failed(error)
        }
    }

    private func write(_ lease: Lease) async {
        let start = Instant.current
        do throws(KubernetesError) {
            let written = try await client.write(lease, in: namespace)
            state.withLock { $0.wrote(written, start: start, now: .current) }
        } catch {
            failed(error)
        }
    }

    private var name: String { state.withLock { $0.name } }

    private func failed(_ error: KubernetesError) {
        let isLost = error.isConflict || error.isAlreadyExists
        state.withLock { $0.failed(isConflict: isLost, now: .current) }
        if isLost { lostRaces.add(1, ordering: .relaxed) }
        if !isLost, !error.isCancelled { logger.warning("the lease \(name) cannot be had: \(error)") }
    }

    /// Leaves the lease to whoever waits for it, and closes the connection.
    package func end() async {
        if let lease = state.withLock({ $0.release(date: Date()) }) {
            do throws(KubernetesError) {
                _ = try await client.write(lease, in: namespace)
            } catch {
                logger.info("the lease was not given back, others take it when it has run out: \(error)")
            }
        }
        await client.close()
    }
}
