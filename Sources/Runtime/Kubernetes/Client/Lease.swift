package import FoundationEssentials
import JSON

/// Who leads: `coordination.k8s.io/v1.Lease`.
package struct Lease: Hashable, Sendable {
    package var name: String
    package var holder: String
    /// Seconds after which the holder counts as gone if it renews nothing.
    package var seconds: Int
    package var acquired: Date
    package var renewed: Date
    /// How often the holder changed.
    package var transitions: Int
    /// The version this was read as; `nil` for one that is to be made.
    package var resourceVersion: String?
    package var annotations: [String: String] = [:]

    package init(name: String, holder: String, seconds: Int, acquired: Date, renewed: Date, transitions: Int = 0) {
        self.name = name
        self.holder = holder
        self.seconds = seconds
        self.acquired = acquired
        self.renewed = renewed
        self.transitions = transitions
    }

    package init(_ object: KubernetesObject) {
        func date(_ name: String) -> Date {
            object["spec", name]?.stringValue.flatMap(Timestamp.parse) ?? .distantPast
        }
        name = object.name
        holder = object["spec", "holderIdentity"]?.stringValue ?? ""
        seconds = object["spec", "leaseDurationSeconds"]?.intValue ?? 0
        acquired = date("acquireTime")
        renewed = date("renewTime")
        transitions = object["spec", "leaseTransitions"]?.intValue ?? 0
        resourceVersion = object.resourceVersion
        annotations = object.annotations
    }

    package var object: KubernetesObject {
        var object = KubernetesObject(apiVersion: "coordination.k8s.io/v1", kind: "Lease", name: name)
        if let resourceVersion { object.resourceVersion = resourceVersion }
        if !annotations.isEmpty { object.annotations = annotations }
        object["spec"] = [
            "holderIdentity": .string(holder),
            "leaseDurationSeconds": .int(seconds),
            "acquireTime": .string(Timestamp.microseconds(acquired)),
            "renewTime": .string(Timestamp.microseconds(renewed)),
            "leaseTransitions": .int(transitions),
        ]
        return object
    }
}

extension KubernetesClient {
    /// The lease of a name, or `nil`.
    package func lease(_ name: String, in namespace: String? = nil) async throws(KubernetesError) -> Lease? {
        try await find(.leases, name, in: namespace).map { Lease($0) }
    }

    /// Writes a lease as it is to be: a conflict, or an "already exists", if somebody else was faster.
    package func write(_ lease: Lease, in namespace: String? = nil) async throws(KubernetesError) -> Lease {
        if lease.resourceVersion == nil { return Lease(try await create(lease.object, in: namespace)) }
        return Lease(try await update(lease.object, in: namespace))
    }
}
