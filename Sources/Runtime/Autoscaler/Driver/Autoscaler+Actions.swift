import JSON
import Kubernetes
import Logging
import Time
import WorkerProtocol

extension Autoscaler {
    func act(_ body: (inout AutoscalerCore, Instant) -> [AutoscalerAction]) {
        perform(body(&core, .current))
    }

    func perform(_ actions: [AutoscalerAction]) {
        for action in actions {
            switch action {
            case .patch(let function, let replicas): orders.yield(.patch(function: function, replicas: replicas))
            case .prepare(let function, let count): orders.yield(.prepare(function: function, removing: count))
            case .record(let object, let failure): orders.yield(.record(object, failure))
            case .report(let status): source.report(status)
            case .forget(let function): source.forget(function: function)
            case .warn(let text): logger.warning("\(text)")
            }
        }
        // Only an earlier moment than the one waited for needs a call.
        guard let next = core.nextTimer else { return }
        if armedFor.map({ next < $0 }) ?? true { wakeUp.call() }
    }

    nonisolated func carryOut() async {
        await withTaskGroup(of: Void.self) { group in
            var running = 0
            for await work in works {
                if running >= settings.maxRequests {
                    await group.next()
                    running -= 1
                }
                running += 1
                group.addTask { await self.carryOut(work) }
            }
            group.cancelAll()
        }
    }

    nonisolated func carryOut(_ work: Work) async {
        switch work {
        case .patch(let function, let replicas): await patch(function, to: replicas)
        case .prepare(let function, let count): await prepare(function, removing: count)
        case .record(let object, let failure): await record(failure, at: object)
        }
    }

    nonisolated func patch(_ function: String, to replicas: Int) async {
        // The lease may have ended since this was decided.
        guard isLeader else {
            await act { $0.patchFailed(function, isConflict: false, now: $1) }
            return
        }
        do throws(KubernetesError) {
            let scale = try await client.setScale(
                of: .deployments,
                function,
                in: settings.namespace,
                to: replicas,
                options: WriteOptions(fieldManager: "shopfn-autoscaler")
            )
            let version = Int(scale.resourceVersion) ?? 0
            logger.debug("scaled", metadata: ["function": "\(function)", "replicas": "\(scale.replicas)"])
            await count { $0.patches += 1 }
            await act { $0.patched(function, replicas: scale.replicas, version: version, now: $1) }
        } catch {
            if error.isCancelled { return }
            let isConflict = error.isConflict
            await count { counts in
                if isConflict { counts.conflicts += 1 } else { counts.failedPatches += 1 }
            }
            if !isConflict { logger.warning("\(function) cannot be scaled to \(replicas): \(error)") }
            await act { $0.patchFailed(function, isConflict: isConflict, now: $1) }
        }
    }

    func count(_ body: (inout AutoscalerCounts) -> Void) { body(&counts) }

    nonisolated func prepare(_ function: String, removing count: Int) async {
        let loads = await source.loads(of: function, within: .milliseconds(500))
        let plan = RemovalPlan(removing: count, of: await core.pods(of: function), loads: loads)
        for (pod, cost) in plan.mark.map({ ($0, RemovalPlan.cost) }) + plan.unmark.map({ ($0, nil as String?) }) {
            await setCost(cost, of: pod)
        }
        await act { $0.prepared(function, now: $1) }
    }

    /// A pod without its mark goes like any other; that is no reason not to scale.
    nonisolated func setCost(_ cost: String?, of pod: String) async {
        do throws(KubernetesError) {
            _ = try await client.patch(
                .pods,
                pod,
                in: settings.namespace,
                .merge(["metadata": ["annotations": [RemovalPlan.annotation: cost.map { .string($0) } ?? .null]]]),
                options: WriteOptions(fieldManager: "shopfn-autoscaler")
            )
        } catch {
            if !error.isNotFound, !error.isCancelled {
                logger.warning("the pod \(pod) cannot be marked idle: \(error)")
            }
        }
    }

    nonisolated func record(_ failure: PoolFailure, at object: ObjectReference) async {
        logger.warning("\(failure.message)", metadata: ["function": "\(object.name)"])
        do throws(KubernetesError) {
            let event = EventRecord(object, .warning, reason: failure.kind.eventReason, message: failure.message)
            try await recorder.record(event)
            await count { $0.events += 1 }
        } catch {
            if !error.isCancelled { logger.warning("no event can be written for \(object.name): \(error)") }
        }
    }
}

extension PoolFailure.Kind {
    var eventReason: String {
        switch self {
        case .imagePull: "ImagePullFailed"
        case .crashLoop: "WorkerCrashes"
        case .quota: "QuotaExceeded"
        case .unschedulable: "Unschedulable"
        case .forbidden: "PodsForbidden"
        case .other: "NoWorkers"
        }
    }
}
