import FoundationEssentials
import JSON

/// Something that happened to an object, as `kubectl describe` shows it.
package struct EventRecord: Hashable, Sendable {
    package enum Kind: String, Sendable {
        case normal = "Normal"
        case warning = "Warning"
    }

    /// What it happened to.
    package var object: ObjectReference
    package var kind: Kind
    /// One word in upper camel case.
    package var reason: String
    /// A sentence, cut after 1,024 bytes, which is all the server takes.
    package var message: String

    package init(_ object: ObjectReference, _ kind: Kind, reason: String, message: String) {
        self.object = object
        self.kind = kind
        self.reason = reason
        self.message = message
    }
}

/// Names an object to other objects.
package struct ObjectReference: Hashable, Sendable {
    package var apiVersion: String
    package var kind: String
    package var name: String
    package var namespace: String
    package var uid: String?

    package init(_ object: KubernetesObject) {
        apiVersion = object.apiVersion
        kind = object.kind
        name = object.name
        namespace = object.namespace ?? "default"
        uid = object.uid
    }

    var json: JSONValue {
        var json = JSONObject([
            ("apiVersion", .string(apiVersion)), ("kind", .string(kind)), ("name", .string(name)),
            ("namespace", .string(namespace)),
        ])
        if let uid { json["uid"] = .string(uid) }
        return .object(json)
    }
}

/// Writes events; the same one again counts up the one that is there.
package actor EventRecorder {
    /// After this time the server may have forgotten the earlier event, so a new one is written.
    static let memory = TimeInterval(600)
    static let limit = 1_000

    private struct Written {
        var name: String
        var count: Int
        var last: Date
    }

    private let client: KubernetesClient
    /// Who writes, such as `shopfn-autoscaler`.
    private let component: String
    private var written: [EventRecord: Written] = [:]

    package init(client: KubernetesClient, component: String) {
        self.client = client
        self.component = component
    }

    package func record(_ event: EventRecord) async throws(KubernetesError) {
        let now = Date()
        if var earlier = written[event], now.timeIntervalSince(earlier.last) < Self.memory {
            earlier.count += 1
            earlier.last = now
            let patch: JSONValue = [
                "count": .int(earlier.count), "lastTimestamp": .string(Timestamp.seconds(now)),
            ]
            do throws(KubernetesError) {
                _ = try await client.patch(.events, earlier.name, in: event.object.namespace, .merge(patch))
                written[event] = earlier
                return
            } catch  where error.isNotFound {
                written[event] = nil
            }
        }
        let name = "\(event.object.name).\(String(UInt64.random(in: .min ... .max), radix: 16))"
        _ = try await client.create(makeObject(event, named: name, now))
        if written.count >= Self.limit {
            written = written.filter { now.timeIntervalSince($0.value.last) < Self.memory }
            if written.count >= Self.limit { written.removeAll() }
        }
        written[event] = Written(name: name, count: 1, last: now)
    }

    private func makeObject(_ event: EventRecord, named name: String, _ now: Date) -> KubernetesObject {
        var object = KubernetesObject(apiVersion: "v1", kind: "Event", name: name, namespace: event.object.namespace)
        object["involvedObject"] = event.object.json
        object["type"] = .string(event.kind.rawValue)
        object["reason"] = .string(event.reason)
        object["message"] = .string(String(decoding: event.message.utf8.prefix(1_000), as: UTF8.self))
        object["source"] = ["component": .string(component)]
        object["firstTimestamp"] = .string(Timestamp.seconds(now))
        object["lastTimestamp"] = .string(Timestamp.seconds(now))
        object["count"] = 1
        return object
    }
}
