/// How an autoscaler runs.
package struct AutoscalerSettings: Sendable {
    /// The namespace of the Deployments, of the lease and of the learned state.
    package var namespace: String
    /// Who this is among several: the pod's name.
    package var identity: String
    package var leaseName = "shopfn-autoscaler"
    /// The ConfigMap of what the policies learned.
    package var stateName = "shopfn-autoscaler-state"
    package var timing = Leadership.Timing()
    /// How long the figures of a lost gateway count.
    package var grace = Duration.seconds(10)
    package var saveEvery = Duration.seconds(60)
    /// How many requests that carry out decisions are under way at once.
    package var maxRequests = 32

    package init(namespace: String, identity: String) {
        self.namespace = namespace
        self.identity = identity
    }
}

/// What was done, since the start.
package struct AutoscalerCounts: Sendable {
    package var patches: UInt64 = 0
    package var failedPatches: UInt64 = 0
    package var conflicts: UInt64 = 0
    package var events: UInt64 = 0
    package var transitions: UInt64 = 0
    package var watchFailures: UInt64 = 0
    /// From hearing of the demand to the patched scale, in seconds.
    package var patchSeconds = 0.0
}
