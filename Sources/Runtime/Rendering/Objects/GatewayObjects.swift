import JSON
import Manifest

/// The gateways: what takes HTTP in and hands it to the workers that have connected.
struct GatewayObjects {
    let parts: Parts
    let manifest: Manifest

    var objects: [RenderedObject] { [account, deployment, disruption, service, headless] }

    private var labels: JSONValue { parts.labels("gateway", .gateway) }

    private var account: RenderedObject {
        RenderedObject(
            "Gateways speak to workers and scalers, never to the Kubernetes API.",
            [
                "apiVersion": "v1", "kind": "ServiceAccount", "metadata": parts.metadata("gateway"),
                "automountServiceAccountToken": false,
            ]
        )
    }

    private var deployment: RenderedObject {
        let spread = Parts.spread(.gateway)
        // Requests that are under way when a gateway is told to end are finished first.
        let drain = max(
            25,
            (manifest.functions.filter { $0.trigger.route != nil }.map { Int($0.timeout.components.seconds) }.max() ?? 0)
                + 5
        )
        let arguments: [JSONValue] = [
            "gateway", "--manifest", .string(Parts.manifestFile), "--host", "0.0.0.0", "--port",
            .string("\(Parts.httpPort)"), "--admin-host", "0.0.0.0", "--admin-port", .string("\(Parts.adminPort)"),
            "--worker-host", "0.0.0.0", "--worker-port", .string("\(Parts.workerPort)"), "--token-file",
            .string(Parts.tokenFile), "--tls-certificate", "/etc/shopfn/tls/tls.crt", "--tls-key",
            "/etc/shopfn/tls/tls.key", "--shutdown-delay", "5", "--drain-timeout", .string("\(drain)"),
        ]
        let container: JSONValue = [
            "name": "gateway", "image": "shopfn", "args": .array(arguments),
            "ports": [
                Parts.containerPort("http", Parts.httpPort),
                Parts.containerPort("admin", Parts.adminPort),
                Parts.containerPort("workers", Parts.workerPort),
            ],
            "readinessProbe": Parts.probe("/readyz", period: 2), "livenessProbe": Parts.probe("/livez", period: 10),
            "resources": Parts.resources(cpu: "250m", memory: "256Mi", limit: "512Mi"),
            "securityContext": Parts.containerSecurity,
            "volumeMounts": [
                Parts.manifestMount, ["name": "token", "mountPath": "/etc/shopfn/token", "readOnly": true],
                ["name": "tls", "mountPath": "/etc/shopfn/tls", "readOnly": true],
            ],
        ]
        let skips = Parts.skipping(
            [
                ("CKV_K8S_11", "Throttling would delay every request of the shop; requests keep its share")
            ] + Parts.imageSkips
        )
        return RenderedObject(
            "The manifest, the token and the certificate are read again when they change; no rollout is needed for them.",
            [
                "apiVersion": "apps/v1", "kind": "Deployment",
                "metadata": parts.metadata("gateway", labels: labels, annotations: skips),
                "spec": [
                    "replicas": 2, "revisionHistoryLimit": 5, "progressDeadlineSeconds": 120,
                    "selector": Parts.choosing(name: "gateway"),
                    "strategy": ["type": "RollingUpdate", "rollingUpdate": ["maxSurge": 1, "maxUnavailable": 0]],
                    "template": [
                        "metadata": ["labels": labels],
                        "spec": [
                            "serviceAccountName": "gateway", "automountServiceAccountToken": false,
                            "enableServiceLinks": false, "terminationGracePeriodSeconds": .int(drain + 15),
                            "topologySpreadConstraints": spread.constraints, "affinity": spread.affinity,
                            "securityContext": Parts.podSecurity, "containers": [container],
                            "volumes": [
                                Parts.manifestVolume,
                                ["name": "token", "secret": ["secretName": "worker-token", "defaultMode": 288]],
                                [
                                    "name": "tls",
                                    "secret": [
                                        "secretName": "worker-tls", "defaultMode": 288,
                                        "items": [
                                            ["key": "tls.crt", "path": "tls.crt"],
                                            ["key": "tls.key", "path": "tls.key"],
                                        ],
                                    ],
                                ],
                            ],
                        ],
                    ],
                ],
            ]
        )
    }

    private var disruption: RenderedObject {
        RenderedObject(
            "Nodes are emptied one gateway at a time.",
            [
                "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": parts.metadata("gateway"),
                "spec": ["maxUnavailable": 1, "selector": Parts.choosing(.gateway)],
            ]
        )
    }

    private var service: RenderedObject {
        RenderedObject(
            "Where requests go.",
            [
                "apiVersion": "v1", "kind": "Service", "metadata": parts.metadata("gateway", labels: labels),
                "spec": [
                    "type": "ClusterIP", "selector": Parts.choosing(.gateway)["matchLabels"] ?? .null,
                    "ports": [Parts.servicePort("http", 80)],
                ],
            ]
        )
    }

    private var headless: RenderedObject {
        RenderedObject(
            """
            Where workers and scalers connect: to every gateway, by its own address, before it is ready too, so that \
            it is
            ready with workers.
            """,
            [
                "apiVersion": "v1", "kind": "Service", "metadata": parts.metadata("gateways", labels: labels),
                "spec": [
                    "clusterIP": "None", "publishNotReadyAddresses": true,
                    "selector": Parts.choosing(.gateway)["matchLabels"] ?? .null,
                    "ports": [Parts.servicePort("workers", Parts.workerPort)],
                ],
            ]
        )
    }
}
