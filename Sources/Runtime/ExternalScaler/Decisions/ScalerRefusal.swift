/// Why the scaler does not answer a call; the text says how to mend it.
package enum ScalerRefusal: Error, Hashable, Sendable {
    /// The trigger's metadata are wrong.
    case invalid(String)
    /// There is no such function or metric.
    case unknown(String)
    /// No gateway's demand is known, so that nothing can be said that might not be wrong.
    ///
    /// KEDA and the HPA leave everything as it is when they get no answer; to say "not active" would end the workers.
    case blind(String)

    package var message: String {
        switch self {
        case .invalid(let message), .unknown(let message), .blind(let message): message
        }
    }
}
