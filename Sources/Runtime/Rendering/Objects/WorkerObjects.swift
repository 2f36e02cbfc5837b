import JSON
package import Manifest

/// A pool: the Deployment of a function's workers, and what KEDA needs to scale it.
package struct WorkerObjects: Sendable {
    private let parts: Parts

    package init(service: String, namespace: String? = nil) {
        parts = Parts(service: service, namespace: namespace ?? service)
    }

    /// The Deployment of a function.
    ///
    /// `function`: As declared.
    /// `image`: The image to run; by default the module's name, which overlays replace.
    package func deployment(_ function: FunctionDeclaration, image: String? = nil) -> RenderedObject {
        let labels = parts.labels(function.name, .worker, module: function.module)
        let grace = Self.gracePeriod(function)
        // JSON's encoding of Kubernetes takes whole numbers and texts; a list of arguments is of texts.
        let arguments: [JSONValue] =
            [
                "--function", .string(function.name), "--handler", .string(function.handler), "--concurrency",
                .string(String(function.concurrency)),
            ] + Parts.peerArguments + ["--grace", .string(String(grace - 5))]
        var container = JSONObject([
            ("name", "worker"), ("image", .string(image ?? function.module)), ("args", .array(arguments)),
        ])
        if !function.environment.isEmpty {
            container["env"] = .array(
                function.environment.map { ["name": .string($0.name), "value": .string($0.value)] }
            )
        }
        container["envFrom"] = [["secretRef": ["name": "valkey", "optional": true]]]
        let memory = Self.quantity(function.memory)
        container["resources"] = Parts.resources(cpu: "50m", memory: memory, limit: memory)
        container["securityContext"] = Parts.containerSecurity
        container["volumeMounts"] = .array(Parts.peerMounts)
        let skips = Parts.skipping(
            [
                ("CKV_K8S_8", "A worker listens on nothing; a gateway notices at once when its connection ends"),
                ("CKV_K8S_9", "A worker is ready when it offers slots, and is sent nothing before"),
                ("CKV_K8S_11", "Throttling would stretch every invocation; the scaler adds workers instead"),
                ("CKV_K8S_35", "VALKEY_URL comes from the environment, on one machine as in a cluster"),
            ] + Parts.imageSkips
        )
        return RenderedObject(
            "No replicas: the scaler owns them.",
            [
                "apiVersion": "apps/v1", "kind": "Deployment",
                "metadata": parts.metadata(function.name, labels: labels, annotations: skips),
                "spec": [
                    "revisionHistoryLimit": 5, "progressDeadlineSeconds": 120,
                    "selector": Parts.choosing(name: function.name),
                    "strategy": ["type": "RollingUpdate", "rollingUpdate": ["maxSurge": "25%", "maxUnavailable": 0]],
                    "template": [
                        "metadata": ["labels": labels],
                        "spec": [
                            "serviceAccountName": "worker", "automountServiceAccountToken": false,
                            "enableServiceLinks": false, "terminationGracePeriodSeconds": .int(grace),
                            "securityContext": Parts.podSecurity, "containers": [.object(container)],
                            "volumes": .array(Parts.peerVolumes),
                        ],
                    ],
                ],
            ]
        )
    }

    /// Lets KEDA scale the Deployment by what `shopfn keda-scaler` says.
    package func scaledObject(_ function: FunctionDeclaration) -> RenderedObject {
        let scaler = "\(parts.service)-keda-scaler.\(parts.namespace).svc:\(Parts.scalerPort)"
        let most = function.scale.max
        return RenderedObject(
            "Arrivals are pushed; the policy behind the scaler has waited already before it asks for less.",
            [
                "apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject",
                "metadata": parts.metadata(function.name),
                "spec": [
                    "scaleTargetRef": ["name": .string(function.name)],
                    "minReplicaCount": .int(function.scale.min), "maxReplicaCount": .int(most),
                    "cooldownPeriod": 0, "pollingInterval": 30,
                    "advanced": [
                        "restoreToOriginalReplicaCount": false,
                        "horizontalPodAutoscalerConfig": [
                            "behavior": [
                                "scaleUp": [
                                    "stabilizationWindowSeconds": 0, "selectPolicy": "Max",
                                    "policies": [
                                        ["type": "Pods", "value": .int(most), "periodSeconds": 15],
                                        ["type": "Percent", "value": 900, "periodSeconds": 15],
                                    ],
                                ],
                                "scaleDown": [
                                    "stabilizationWindowSeconds": 0, "selectPolicy": "Max",
                                    "policies": [["type": "Percent", "value": 100, "periodSeconds": 15]],
                                ],
                            ]
                        ],
                    ],
                    "triggers": [
                        [
                            "type": "external-push", "metricType": "AverageValue",
                            "metadata": ["scalerAddress": .string(scaler), "function": .string(function.name)],
                        ]
                    ],
                ],
            ]
        )
    }

    /// How long a pod may take to end: an invocation's time, and a little for the process; at least 30 seconds.
    private static func gracePeriod(_ function: FunctionDeclaration) -> Int {
        max(30, Int(function.timeout.components.seconds) + 10)
    }

    /// Bytes as Kubernetes writes them.
    static func quantity(_ bytes: Int) -> String {
        for (unit, factor) in [("Gi", 1 << 30), ("Mi", 1 << 20), ("Ki", 1 << 10)] where bytes % factor == 0 {
            return "\(bytes / factor)\(unit)"
        }
        return String(bytes)
    }
}
