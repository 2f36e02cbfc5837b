import JSON
import Synchronization

/// A client of a Kubernetes API server.
///
/// Methods that take `in namespace:` use the object's own namespace or the configuration's where it is `nil`; for lists
/// and watches the empty text means all namespaces. Everything throws ``KubernetesError``.
package final class KubernetesClient: Sendable {
    /// How the client behaves.
    package struct Settings: Sendable {
        /// How long a request may take; watches and logs are not bound by it.
        package var timeout: Duration
        /// How long a connection may take to come about.
        package var connectTimeout: Duration
        /// How often a request is sent that the server asks to send again later.
        package var attempts: Int
        package var userAgent: String

        package init(
            timeout: Duration = .seconds(30),
            connectTimeout: Duration = .seconds(5),
            attempts: Int = 5,
            userAgent: String = "shopfn"
        ) {
            self.timeout = timeout
            self.connectTimeout = connectTimeout
            self.attempts = attempts
            self.userAgent = userAgent
        }
    }

    package let configuration: ClusterConfiguration
    let session: Session
    let discovered = Mutex<[String: [Resource]]>([:])

    /// Makes a client; nothing is sent.
    package init(_ configuration: ClusterConfiguration, settings: Settings = Settings()) {
        self.configuration = configuration
        session = Session(configuration, settings: settings)
    }

    /// Ends all requests under way.
    package func close() async {
        await session.close()
    }

    func namespace(_ given: String?) -> String { given ?? configuration.namespace }

    /// The server's version, such as `v1.33.1`.
    package func serverVersion() async throws(KubernetesError) -> String {
        try await session.send(APIRequest(path: "/version"))["gitVersion"]?.stringValue ?? ""
    }

    /// Where objects of a kind are kept; the server is asked, once, for those it is not sure to have.
    package func resource(apiVersion: String, kind: String) async throws(KubernetesError) -> Resource {
        if let known = Resource.wellKnown.first(where: { $0.apiVersion == apiVersion && $0.kind == kind }) {
            return known
        }
        if let found = discovered.withLock({ $0[apiVersion] })?.first(where: { $0.kind == kind }) { return found }
        let list: JSONValue
        do throws(KubernetesError) {
            list = try await session.send(APIRequest(path: Resource.root(ofVersion: apiVersion)))
        } catch  where error.isNotFound {
            throw .unknownKind(apiVersion: apiVersion, kind: kind)
        }
        let parts = apiVersion.split(separator: "/").map(String.init)
        let resources = (list["resources"]?.arrayValue ?? []).compactMap { entry -> Resource? in
            guard let name = entry["name"]?.stringValue, !name.contains("/") else { return nil }
            return Resource(
                group: parts.count == 2 ? parts[0] : "",
                version: parts.last ?? "",
                name: name,
                kind: entry["kind"]?.stringValue ?? "",
                isNamespaced: entry["namespaced"]?.boolValue ?? true
            )
        }
        discovered.withLock { $0[apiVersion] = resources }
        guard let found = resources.first(where: { $0.kind == kind }) else {
            throw .unknownKind(apiVersion: apiVersion, kind: kind)
        }
        return found
    }
}

extension KubernetesObject {
    /// - Throws: ``KubernetesError/malformed(_:)`` if the value is no object.
    init(answer value: JSONValue) throws(KubernetesError) {
        guard let json = value.objectValue else { throw .malformed("it is no object") }
        self.init(json: json)
    }
}
