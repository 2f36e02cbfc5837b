import Manifest

/// The `metadata` of a ScaledObject's trigger, checked.
package struct TriggerMetadata: Hashable, Sendable {
    /// The function whose workers the ScaledObject scales.
    package var function: String
    /// Wanted workers that one replica stands for, at least 1.
    package var target: Int

    /// What KEDA itself reads, and hands on.
    private static let ofKEDA: Set<String> = [
        "scalerAddress", "enableTLS", "unsafeSsl", "caCert", "tlsCertFile", "tlsClientCert", "tlsClientKey",
    ]
    private static let own = ["function", "target"]

    /// Checks a trigger's metadata.
    package init(_ reference: ScaledObjectRef) throws(ScalerRefusal) {
        let metadata = reference.scalerMetadata
        let object = "\(reference.namespace)/\(reference.name)"
        let place = reference.name.isEmpty ? "the trigger" : "the trigger of ScaledObject \(object)"
        for key in metadata.keys.sorted() where !Self.ofKEDA.contains(key) && !Self.own.contains(key) {
            let fix =
                NearestName.nearest(to: key, among: Self.own).map { "did you mean '\($0)'?" }
                ?? "it may have 'function' and 'target', and what KEDA reads itself"
            throw .invalid("\(place) has metadata '\(key)', which mean nothing here; \(fix)")
        }
        guard let function = metadata["function"], !function.isEmpty else {
            throw .invalid("\(place) names no function; give its metadata 'function: NAME'")
        }
        self.function = function
        let target = metadata["target"] ?? "1"
        guard let number = Int(target), (1...1_000_000).contains(number) else {
            throw .invalid("\(place) has target '\(target)'; give a whole number of workers a replica, such as \"1\"")
        }
        self.target = number
    }

    /// The metric's name, without the prefix `s0-` that KEDA puts before it.
    package var metricName: String { Self.prefix + function }

    private static let prefix = "shopfn-workers-"

    /// Whether a name that is asked for is this metric's; old versions of KEDA leave their prefix on it.
    package func isMetric(_ name: String) -> Bool {
        if name.isEmpty || name == metricName { return true }
        guard name.hasPrefix("s"), let dash = name.firstIndex(of: "-") else { return false }
        let digits = name[name.index(after: name.startIndex)..<dash]
        return !digits.isEmpty && digits.utf8.allSatisfy { (48...57).contains($0) }
            && name[name.index(after: dash)...] == metricName
    }
}
