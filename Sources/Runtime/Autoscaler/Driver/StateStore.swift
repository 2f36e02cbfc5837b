import FoundationEssentials
import GatewayDemand
import JSON
import Kubernetes
import Scaling
package import Time

/// Keeps what the policies learned in a ConfigMap.
struct StateStore {
    /// All states together, in base64: a ConfigMap holds a mebibyte.
    static let limit = 700 << 10

    let client: KubernetesClient
    let name: String
    let namespace: String
    /// Whose fields the states are.
    let writer: String

    /// The states by function; none where nothing was saved.
    ///
    /// Whether they are whole, each pool's scaler finds out.
    func load() async throws(KubernetesError) -> [String: [UInt8]] {
        guard let data = try await client.find(.configMaps, name, in: namespace)?["binaryData"]?.objectValue else {
            return [:]
        }
        var states: [String: [UInt8]] = [:]
        for (function, value) in data {
            // What is no base64 is handed on as a damaged state, so that somebody hears of it.
            states[function] = value.stringValue.flatMap { Data(base64Encoded: $0) }.map { [UInt8]($0) } ?? [0]
        }
        return states
    }

    func save(_ states: [String: [UInt8]]) async throws(KubernetesError) {
        var object = KubernetesObject(apiVersion: "v1", kind: "ConfigMap", name: name)
        let data = states.sorted { $0.key < $1.key }.map {
            ($0.key, JSONValue.string(Data($0.value).base64EncodedString()))
        }
        object["binaryData"] = .object(JSONObject(data))
        let options = WriteOptions(fieldManager: writer)
        _ = try await client.apply(object, in: namespace, force: true, options: options)
    }

    /// As many of the states as fit, the most used pools' first, and how many do not.
    static func fit(_ states: [(function: String, arrivals: UInt64, state: [UInt8])]) -> ([String: [UInt8]], Int) {
        var chosen: [String: [UInt8]] = [:]
        var size = 0
        var left = 0
        for (function, _, state) in states.sorted(by: { $0.arrivals > $1.arrivals }) where !state.isEmpty {
            let cost = (state.count + 2) / 3 * 4 + function.utf8.count + 8
            if size + cost > limit {
                left += 1
            } else {
                size += cost
                chosen[function] = state
            }
        }
        return (chosen, left)
    }
}

extension AutoscalerCore {
    /// What each pool's policy has learned, with how much it was used.
    package func savedStates(now: Instant) -> [(function: String, arrivals: UInt64, state: [UInt8])] {
        pools.map { name, pool in (name, book.totals(of: name).arrivals, pool.scaler.savedState(now: now)) }
    }
}
