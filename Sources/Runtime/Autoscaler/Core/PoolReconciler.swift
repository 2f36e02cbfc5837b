package import Time

/// Brings one Deployment's scale to what its scaler wants: what to do next; pure.
///
/// More replicas are asked for at once. Before there are fewer, whoever carries it out is asked to prepare, so that idle
/// pods go first; demand that comes meanwhile goes before.
package struct PoolReconciler: Sendable {
    package enum Step: Equatable, Sendable {
        case nothing
        /// Set the scale.
        case patch(to: Int)
        /// Choose so many pods to go, then tell ``PoolReconciler/prepared(_:)``.
        case prepare(removing: Int)
    }

    /// What stands outside of the pool.
    package struct Terms: Equatable, Sendable {
        /// Whether this scaler decides.
        package var leads: Bool
        /// Whether all demand is known, and has been for long enough to trust in its absence.
        package var mayShrink: Bool
        package var max: Int

        package init(leads: Bool, mayShrink: Bool, max: Int) {
            self.leads = leads
            self.mayShrink = mayShrink
            self.max = max
        }
    }

    private enum Phase: Equatable, Sendable {
        case idle
        case preparing(removing: Int)
        /// Ready to go down by so many.
        case prepared(removing: Int)
        case patching(to: Int)
    }

    /// How long somebody else's number stands before it is set right.
    package static let respect = Duration.seconds(1)
    package static let firstDelay = Duration.milliseconds(50)
    package static let longestDelay = Duration.seconds(10)

    /// `spec.replicas` as last known; `nil` where there is no Deployment.
    package private(set) var current: Int?
    package private(set) var wanted = 0
    private var phase = Phase.idle
    private var version = 0
    private var failures = 0
    private var notBefore: Instant?

    package init() {}

    /// When to ask again, if nothing happens before.
    package var due: Instant? { phase == .idle ? notBefore : nil }

    /// Whether somebody is carrying out a step.
    package var isBusy: Bool {
        switch phase {
        case .patching, .preparing: true
        case .idle, .prepared: false
        }
    }

    package mutating func want(_ count: Int) {
        guard count != wanted else { return }
        wanted = count
        // Somebody else's number is no longer about what it was about; a server that fails is still one.
        if failures == 0 { notBefore = nil }
    }

    /// The Deployment as a watch shows it; `version` orders what is seen and what was written.
    package mutating func observed(_ replicas: Int?, version: Int, now: Instant) {
        guard let replicas else {
            current = nil
            phase = .idle
            self.version = 0
            return
        }
        guard version >= self.version else { return }
        self.version = version
        let isOthers = current != nil && replicas != current && !isBusy
        current = replicas
        if isOthers, failures == 0 { notBefore = now + Self.respect }
    }

    package mutating func next(_ terms: Terms, now: Instant) -> Step {
        guard !isPatching else { return .nothing }
        guard terms.leads, let current else {
            // What was chosen to go now may be busy by the time it matters again.
            phase = .idle
            return .nothing
        }
        var target = min(wanted, terms.max)
        if !terms.mayShrink { target = max(target, min(current, terms.max)) }
        if target == current {
            if case .preparing = phase { return .nothing }
            phase = .idle
            notBefore = nil
            return .nothing
        }
        if let notBefore, notBefore > now { return .nothing }
        notBefore = nil
        // All of them go, or more are needed: there is nothing to choose.
        if target > current || target == 0 { return patch(to: target) }
        switch phase {
        case .preparing: return .nothing
        case .prepared(let count): return patch(to: max(target, current - count))
        case .idle, .patching:
            phase = .preparing(removing: current - target)
            return .prepare(removing: current - target)
        }
    }

    /// The pods to go are chosen.
    package mutating func prepared() {
        if case .preparing(let count) = phase { phase = .prepared(removing: count) }
    }

    package mutating func patched(_ replicas: Int, version: Int) {
        phase = .idle
        failures = 0
        guard version >= self.version else { return }
        current = replicas
        self.version = version
    }

    /// The patch failed: a conflict is tried again at once, anything else after a while.
    package mutating func patchFailed(isConflict: Bool, now: Instant) {
        phase = .idle
        failures += 1
        let isAtOnce = isConflict && failures <= 3
        notBefore = isAtOnce ? nil : now + min(Self.firstDelay * (1 << min(failures - 1, 10)), Self.longestDelay)
    }

    private var isPatching: Bool {
        if case .patching = phase { true } else { false }
    }

    private mutating func patch(to count: Int) -> Step {
        phase = .patching(to: count)
        return .patch(to: count)
    }
}
