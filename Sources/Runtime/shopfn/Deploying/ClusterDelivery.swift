import Deployment
import ImageFormat
import JSON
import Kubernetes
import Manifest
import Rendering

/// Deploys to a cluster.
struct ClusterDelivery {
    let client: KubernetesClient
    let shop: ShopObjects
    let overlay: RenderedTree.Overlay
    var isForced = false
    /// Told what happens, line by line.
    var progress: (String) -> Void

    /// What became of a function, or of a part of the runtime.
    struct Outcome {
        enum State: String {
            case unchanged
            case applied
            case rolledOut = "rolled out"
            case undone
            case failed
        }

        var name: String
        var image: String?
        var state: State
        var revision: Int?
        var reason: String?
        /// Whether it failed because its time was over, not because it could not succeed.
        var isLate = false

        var json: JSONValue {
            var object = JSONObject([("name", .string(name)), ("state", .string(state.rawValue))])
            if let image { object["image"] = .string(image) }
            if let revision { object["revision"] = .int(revision) }
            if let reason { object["reason"] = .string(reason) }
            return .object(object)
        }
    }

    private var rollout: FunctionRollout {
        var rollout = FunctionRollout(client: client)
        rollout.isForced = isForced
        return rollout
    }

    private var map: ManifestMap { ManifestMap(service: shop.manifest.service, client: client) }

    private func deployment(_ function: FunctionDeclaration, image: String) -> KubernetesObject {
        let workers = WorkerObjects(service: shop.manifest.service, namespace: client.configuration.namespace)
        return KubernetesObject(json: workers.deployment(function, image: image).json)
    }

    /// What the runtime is made of: all of the overlay but the functions, and the map that they share.
    private func runtime(image: String) -> [KubernetesObject] {
        let functions = Set(shop.manifest.functions.map(\.name))
        return shop.documents(overlay, images: [ImageAssembly.runtime: image]).map { KubernetesObject(json: $0.json) }
            .filter { object in
                !(["Deployment", "ScaledObject"].contains(object.kind) && functions.contains(object.name))
                    && !(object.kind == "ConfigMap" && object.name == ShopObjects.manifestMap.name)
            }
    }

    // MARK: Looking ahead

    /// What would change.
    func differences(_ selection: DeploySelection, images: [String: String]) async throws -> [ObjectDifference] {
        var differences: [ObjectDifference] = []
        let isThere = try await client.find(.namespaces, client.configuration.namespace) != nil
        if selection.hasRuntime, let image = images[ImageAssembly.runtime] {
            for object in runtime(image: image) {
                let found: KubernetesObject? = isThere ? try await find(object) : nil
                // In a namespace that is not there yet the server cannot even try.
                let after = isThere ? try await tried(object) : object
                differences.append(ObjectDifference(from: found, to: after))
            }
        }
        let changes = selection.functions.map { ManifestMap.Change.put($0) }
        if !changes.isEmpty, isThere { differences.append(try await map.difference(changes)) }
        for function in selection.functions {
            guard let image = images[function.module] else { continue }
            let object = deployment(function, image: image)
            differences.append(
                isThere ? try await rollout.difference(object) : ObjectDifference(from: nil, to: object)
            )
        }
        return differences
    }

    private func find(_ object: KubernetesObject) async throws(KubernetesError) -> KubernetesObject? {
        let resource = try await client.resource(apiVersion: object.apiVersion, kind: object.kind)
        return try await client.find(resource, object.name)
    }

    private func tried(_ object: KubernetesObject) async throws(KubernetesError) -> KubernetesObject {
        try await client.apply(object, force: isForced, options: WriteOptions(isDryRun: true))
    }

    // MARK: Deploying

    /// Applies everything, and follows the rollouts if there is a time for that.
    ///
    /// Functions are applied one by one; one that fails is taken back and leaves the others as they are.
    func deploy(
        _ selection: DeploySelection,
        images: [String: String],
        until deadline: ContinuousClock.Instant?
    ) async throws -> [Outcome] {
        var outcomes: [Outcome] = []
        if selection.hasRuntime, let image = images[ImageAssembly.runtime] {
            outcomes += try await deployRuntime(image, until: deadline)
        }
        var applied: [(FunctionRollout.Applied, undo: [ManifestMap.Change], image: String)] = []
        for function in selection.functions {
            guard let image = images[function.module] else { continue }
            // Gateways are to know a function before its first worker says that it is there.
            let undo = try await map.apply([.put(function)])
            do {
                let done = try await rollout.apply(deployment(function, image: image))
                applied.append((done, undo, image))
                progress("\(function.name): \(done.isChanged ? "applied" : "unchanged,") \(image)")
            } catch {
                try await map.apply(undo)
                throw error
            }
        }
        for (one, undo, image) in applied {
            outcomes.append(try await finish(one, undo: undo, image: image, until: deadline))
        }
        return outcomes
    }

    /// Makes the namespace, or has it as it should be; whoever may deploy need not be allowed to change namespaces.
    private func applyNamespace(_ object: KubernetesObject) async throws(KubernetesError) {
        let isThere = try await client.find(.namespaces, object.name) != nil
        do throws(KubernetesError) {
            _ = try await client.apply(object, force: isForced)
        } catch {
            guard isThere, error.isForbidden else { throw error }
            progress("the namespace \(object.name) is left as it is: you may not change it")
        }
    }

    private func deployRuntime(_ image: String, until deadline: ContinuousClock.Instant?) async throws -> [Outcome] {
        var deployments: [(name: String, isChanged: Bool)] = []
        for object in runtime(image: image) {
            if object.kind == "Namespace" {
                try await applyNamespace(object)
                continue
            }
            let isDeployment = object.kind == "Deployment"
            let before = isDeployment ? try await client.find(.deployments, object.name) : nil
            let after = try await client.apply(object, force: isForced)
            if isDeployment { deployments.append((object.name, after.isAnother(than: before))) }
        }
        // Scalers and gateways read it from their start; it may hold no function yet.
        try await map.apply([])
        progress("shopfn: applied \(image)")
        var outcomes: [Outcome] = []
        for (name, isChanged) in deployments {
            guard let deadline else {
                outcomes.append(Outcome(name: name, image: image, state: isChanged ? .applied : .unchanged))
                continue
            }
            let end = try await rollout.follow(name, until: deadline) { report($0, of: name) }
            outcomes.append(Self.outcome(name, image, end))
        }
        return outcomes
    }

    /// Follows a rollout; takes it back where it fails or does not end in time.
    func finish(
        _ applied: FunctionRollout.Applied,
        undo changes: [ManifestMap.Change],
        image: String,
        until deadline: ContinuousClock.Instant?
    ) async throws -> Outcome {
        let state: Outcome.State = applied.isChanged ? .applied : .unchanged
        var outcome = Outcome(name: applied.name, image: image, state: state, revision: applied.revision)
        guard let deadline else { return outcome }
        let end = try await rollout.follow(applied.name, until: deadline) { report($0, of: applied.name) }
        switch end {
        case .done: outcome.state = .rolledOut
        case .failed(let why), .waiting(let why):
            outcome.reason = why
            outcome.isLate = end == .waiting(why)
            guard applied.isChanged else {
                outcome.state = .failed
                return outcome
            }
            let how = try await rollout.undo(applied)
            try await map.apply(changes)
            progress("\(applied.name): undone, \(how)")
            outcome.state = .undone
            outcome.revision = nil
        }
        return outcome
    }

    private static func outcome(_ name: String, _ image: String, _ end: RolloutProgress) -> Outcome {
        switch end {
        case .done: Outcome(name: name, image: image, state: .rolledOut)
        case .failed(let why): Outcome(name: name, image: image, state: .failed, reason: why)
        case .waiting(let why): Outcome(name: name, image: image, state: .failed, reason: why, isLate: true)
        }
    }

    private func report(_ state: RolloutProgress, of name: String) {
        switch state {
        case .waiting(let what): progress("\(name): \(what)")
        case .failed(let why): progress("\(name): failed, \(why)")
        case .done(let what): progress("\(name): done, \(what)")
        }
    }
}
