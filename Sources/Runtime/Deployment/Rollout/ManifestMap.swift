import JSON
package import Kubernetes
package import Manifest
import Rendering

/// The manifest in the cluster, as gateways and scalers read it, changed function by function.
package struct ManifestMap: Sendable {
    package enum Change: Sendable {
        case put(FunctionDeclaration)
        case remove(String)
    }

    let client: KubernetesClient
    let service: String

    package init(service: String, client: KubernetesClient) {
        self.service = service
        self.client = client
    }

    /// What the map is made into: the cluster's functions with the changes, every other as it was.
    ///
    /// Pure.
    package static func changed(_ manifest: Manifest?, service: String, by changes: [Change]) -> Manifest {
        var result = manifest ?? Manifest(service: service, functions: [])
        for change in changes {
            switch change {
            case .put(let function):
                if let index = result.functions.firstIndex(where: { $0.name == function.name }) {
                    result.functions[index] = function
                } else {
                    result.functions.append(function)
                }
            case .remove(let name): result.functions.removeAll { $0.name == name }
            }
        }
        return result
    }

    /// The functions in the cluster; nothing where there is no map, or none that can be read.
    package func manifest() async throws(KubernetesError) -> Manifest? {
        try await client.find(.configMaps, ShopObjects.manifestMap.name).flatMap(Self.read)
    }

    /// How the map would change.
    package func difference(_ changes: [Change]) async throws(KubernetesError) -> ObjectDifference {
        let found = try await client.find(.configMaps, ShopObjects.manifestMap.name)
        return ObjectDifference(from: found, to: wanted(found, changes))
    }

    /// Changes the map; begins anew where somebody else changed it at the same time.
    ///
    /// - Returns: What undoes it.
    @discardableResult
    package func apply(_ changes: [Change]) async throws(KubernetesError) -> [Change] {
        for _ in 0..<10 {
            let found = try await client.find(.configMaps, ShopObjects.manifestMap.name)
            let before = found.flatMap(Self.read)
            let object = wanted(found, changes)
            do throws(KubernetesError) {
                if found == nil {
                    _ = try await client.create(object)
                } else if object != found {
                    _ = try await client.update(object)
                }
                return changes.map { Self.undoing($0, before: before) }
            } catch  where error.isConflict || error.isAlreadyExists {
                continue
            }
        }
        throw .malformed("the ConfigMap '\(ShopObjects.manifestMap.name)' is changed by others all the time")
    }

    private func wanted(_ found: KubernetesObject?, _ changes: [Change]) -> KubernetesObject {
        let manifest = Self.changed(found.flatMap(Self.read), service: service, by: changes)
        var object = found ?? KubernetesObject(json: ShopObjects(manifest).manifestMap.json)
        object.namespace = client.configuration.namespace
        object["data", ShopObjects.manifestMap.key] = .string(ManifestText.text(manifest))
        return object
    }

    private static func read(_ map: KubernetesObject) -> Manifest? {
        guard let text = map["data", ShopObjects.manifestMap.key]?.stringValue else { return nil }
        return ManifestReading(SourceText(Array(text.utf8), file: "functions.yaml"), environment: { _ in nil }).manifest
    }

    private static func undoing(_ change: Change, before: Manifest?) -> Change {
        let name: String
        switch change {
        case .put(let function): name = function.name
        case .remove(let removed): name = removed
        }
        return before?.function(named: name).map { .put($0) } ?? .remove(name)
    }
}
