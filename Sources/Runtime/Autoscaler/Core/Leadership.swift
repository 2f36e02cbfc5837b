package import FoundationEssentials
package import Kubernetes
package import Time

/// Who of several scalers leads, by a Lease: what to ask and write next; pure.
///
/// A follower trusts no clock but its own: it takes the lease when it has not seen it change for its whole duration. A
/// leader that cannot renew stops leading before that, counted from when it began to write.
package struct Leadership: Sendable {
    package struct Timing: Equatable, Sendable {
        /// After how many seconds without renewal a leader is gone.
        package var seconds = 3
        package var renewEvery = Duration.milliseconds(750)
        /// After which time without renewal a leader stops leading.
        package var giveUpAfter = Duration.milliseconds(2_250)
        /// How often a follower looks.
        package var lookEvery = Duration.milliseconds(500)

        package init() {}
    }

    package enum Step: Equatable, Sendable {
        case read
        case write(Lease)
        case wait(until: Instant)
    }

    package let name: String
    package let identity: String
    package let timing: Timing

    private var seen: Lease?
    /// When the lease was first seen as it is.
    private var seenAt = Instant.origin
    private var leadsUntil: Instant?
    private var next: Instant?
    private var mustRead = true
    /// What is to be handed on, where the lease does not say so yet.
    private var unwritten: String?

    package init(name: String, identity: String, timing: Timing = Timing()) {
        self.name = name
        self.identity = identity
        self.timing = timing
    }

    /// Who leads as far as is known; empty for nobody.
    package var holder: String { seen?.holder ?? "" }

    package func leads(at now: Instant) -> Bool {
        leadsUntil.map { now < $0 } ?? false
    }

    /// Tells apart each time that anybody began to lead; `nil` while this does not.
    package func term(at now: Instant) -> Int? {
        leads(at: now) ? seen?.transitions : nil
    }

    // MARK: Handing on

    /// The lease's annotation of what a leader leaves to the next.
    package static let annotation = "shopfn.io/record"

    /// What the last leader handed on, or this one does.
    package var record: String? { unwritten ?? seen?.annotations[Self.annotation] }

    /// Has a text written into the lease, for whoever leads after this; nobody else can write it meanwhile.
    package mutating func handOn(_ record: String, now: Instant) {
        guard leads(at: now), record != self.record else { return }
        unwritten = record
        if !mustRead { next = nil }
    }

    /// What to do now; `date` is the time of day for the lease's fields.
    package mutating func step(now: Instant, date: Date) -> Step {
        if let next, next > now { return .wait(until: next) }
        next = nil
        if mustRead { return .read }
        guard let seen else {
            let lease = Lease(name: name, holder: identity, seconds: timing.seconds, acquired: date, renewed: date)
            return .write(lease)
        }
        if seen.holder == identity {
            var renewed = seen
            renewed.seconds = timing.seconds
            renewed.renewed = date
            renewed.annotations[Self.annotation] = record
            return .write(renewed)
        }
        let isFree = seen.holder.isEmpty || now - seenAt >= .seconds(max(seen.seconds, 1))
        guard isFree else {
            mustRead = true
            return .read
        }
        var taken = seen
        taken.holder = identity
        taken.seconds = timing.seconds
        taken.acquired = date
        taken.renewed = date
        taken.transitions += 1
        return .write(taken)
    }

    /// The lease was read.
    package mutating func read(_ lease: Lease?, now: Instant) {
        mustRead = false
        if lease != seen || seen == nil { seenAt = now }
        seen = lease
        guard let lease, lease.holder != identity else { return }
        leadsUntil = nil
        unwritten = nil
        if !lease.holder.isEmpty, now - seenAt < .seconds(max(lease.seconds, 1)) {
            next = now + timing.lookEvery
            mustRead = true
        }
    }

    /// The lease was written; the writing began at `start`.
    package mutating func wrote(_ lease: Lease, start: Instant, now: Instant) {
        seen = lease
        seenAt = now
        if lease.annotations[Self.annotation] == unwritten { unwritten = nil }
        leadsUntil = start + timing.giveUpAfter
        next = start + timing.renewEvery
    }

    /// A step failed: somebody else was faster, or the server is not there.
    package mutating func failed(isConflict: Bool, now: Instant) {
        mustRead = true
        next = isConflict ? nil : now + timing.lookEvery
    }

    /// The lease as it is to be left behind, if this leads.
    package mutating func release(date: Date) -> Lease? {
        guard leadsUntil != nil, var lease = seen, lease.holder == identity else { return nil }
        leadsUntil = nil
        lease.holder = ""
        lease.seconds = 1
        lease.renewed = date
        lease.annotations[Self.annotation] = record
        return lease
    }
}
