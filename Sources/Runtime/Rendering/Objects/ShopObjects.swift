import JSON
package import Manifest

/// All objects of a shop on a cluster, made of its manifest.
package struct ShopObjects: Sendable {
    package let manifest: Manifest
    package let settings: RenderSettings

    package init(_ manifest: Manifest, settings: RenderSettings = RenderSettings()) {
        self.manifest = manifest
        self.settings = settings
    }

    private var parts: Parts {
        Parts(service: manifest.service, namespace: settings.namespace ?? manifest.service)
    }

    /// The name of the ConfigMap that gateways and scalers read the manifest from, and of its key.
    package static let manifestMap = (name: "functions", key: "functions.yaml")

    /// The file names of the base, with what stands in each.
    var base: [(file: String, objects: [RenderedObject])] {
        let scaler = ScalerObjects(parts: parts, scaler: settings.scaler, manifestMark: mark)
        var files: [(file: String, objects: [RenderedObject])] = [
            ("namespace.yaml", [namespace]),
            ("worker-account.yaml", [workerAccount]),
            ("functions.yaml", [manifestMap]),
            ("gateway.yaml", GatewayObjects(parts: parts, manifest: manifest).objects),
            (settings.scaler == .shopfn ? "autoscaler.yaml" : "keda-scaler.yaml", scaler.objects),
        ]
        if hasScheduler { files.append(("scheduler.yaml", scaler.scheduler)) }
        let policies = NetworkPolicies(parts: parts, scaler: settings.scaler, hasScheduler: hasScheduler)
        return files + [("network-policy.yaml", policies.objects)]
    }

    /// Whether something beside the scaler is needed to invoke functions by their schedules.
    private var hasScheduler: Bool {
        settings.scaler == .keda && manifest.functions.contains { $0.trigger.route == nil }
    }

    /// The objects of a function.
    func objects(of function: FunctionDeclaration) -> [(file: String, objects: [RenderedObject])] {
        let workers = WorkerObjects(service: manifest.service, namespace: settings.namespace)
        var files = [("deployment.yaml", [workers.deployment(function)])]
        if settings.scaler == .keda { files.append(("scaled-object.yaml", [workers.scaledObject(function)])) }
        return files
    }

    var overlay: OverlayObjects { OverlayObjects(parts: parts, settings: settings) }

    /// The ConfigMap with the manifest.
    package var manifestMap: RenderedObject {
        RenderedObject(
            "The functions as gateways and scalers read them; made from the manifest, not to be edited.",
            [
                "apiVersion": "v1", "kind": "ConfigMap", "metadata": parts.metadata(Self.manifestMap.name),
                "data": .object(JSONObject([(Self.manifestMap.key, .string(ManifestText.text(manifest)))])),
            ]
        )
    }

    private var namespace: RenderedObject {
        RenderedObject(
            "Kubernetes itself refuses a pod that could reach out of its container.",
            [
                "apiVersion": "v1", "kind": "Namespace",
                "metadata": [
                    "name": .string(parts.namespace),
                    "labels": [
                        "pod-security.kubernetes.io/enforce": "restricted",
                        "pod-security.kubernetes.io/warn": "restricted",
                    ],
                ],
            ]
        )
    }

    private var workerAccount: RenderedObject {
        RenderedObject(
            "Workers speak to the gateway, never to the Kubernetes API.",
            [
                "apiVersion": "v1", "kind": "ServiceAccount", "metadata": parts.metadata("worker"),
                "automountServiceAccountToken": false,
            ]
        )
    }

    /// Changes with the manifest (FNV-1a, 64 bits: a mark, not a secret).
    private var mark: String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in ManifestText.text(manifest).utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return String(hash, radix: 16)
    }
}
