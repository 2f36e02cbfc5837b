import JSON

/// What only one kind of cluster has.
struct OverlayObjects {
    let parts: Parts
    let settings: RenderSettings

    // MARK: local

    var valkey: [RenderedObject] {
        let labels = parts.labels("valkey", .valkey)
        let container: JSONValue = [
            "name": "valkey", "image": "docker.io/valkey/valkey:8.1.3-alpine",
            "command": ["valkey-server"],
            "args": ["--dir", "/data", "--appendonly", "yes", "--save", "", "--maxmemory-policy", "noeviction"],
            "ports": [Parts.containerPort("valkey", 6_379)],
            "readinessProbe": ["exec": ["command": ["valkey-cli", "ping"]], "periodSeconds": 5],
            "livenessProbe": ["tcpSocket": ["port": "valkey"], "periodSeconds": 10],
            "resources": Parts.resources(cpu: "50m", memory: "128Mi", limit: "256Mi"),
            "securityContext": Parts.containerSecurity,
            "volumeMounts": [["name": "data", "mountPath": "/data"]],
        ]
        let skips = Parts.skipping([
            ("CKV_K8S_11", "Throttling would delay every command"),
            ("CKV_K8S_15", "A development cluster need not ask the registry at each start"),
            ("CKV_K8S_43", "A development cluster takes the tag's newest patch"),
        ])
        return [
            RenderedObject(
                "The shop's state on a development cluster: one server, which writes all it is told to its volume.",
                [
                    "apiVersion": "apps/v1", "kind": "StatefulSet",
                    "metadata": parts.metadata("valkey", labels: labels, annotations: skips),
                    "spec": [
                        "serviceName": "valkey", "replicas": 1, "selector": Parts.choosing(name: "valkey"),
                        "template": [
                            "metadata": ["labels": labels],
                            "spec": [
                                "serviceAccountName": "worker", "automountServiceAccountToken": false,
                                "enableServiceLinks": false, "securityContext": Parts.podSecurity,
                                "containers": [container],
                            ],
                        ],
                        "volumeClaimTemplates": [
                            [
                                "metadata": ["name": "data"],
                                "spec": [
                                    "accessModes": ["ReadWriteOnce"], "resources": ["requests": ["storage": "1Gi"]],
                                ],
                            ]
                        ],
                    ],
                ]
            ),
            RenderedObject(
                "",
                [
                    "apiVersion": "v1", "kind": "Service", "metadata": parts.metadata("valkey", labels: labels),
                    "spec": [
                        "clusterIP": "None", "selector": Parts.choosing(.valkey)["matchLabels"] ?? .null,
                        "ports": [Parts.servicePort("valkey", 6_379)],
                    ],
                ]
            ),
            RenderedObject(
                "Where workers find it. No password: the network policy lets in workers alone.",
                [
                    "apiVersion": "v1", "kind": "Secret", "metadata": parts.metadata("valkey"), "type": "Opaque",
                    "stringData": ["VALKEY_URL": "valkey://valkey:6379"],
                ]
            ),
            NetworkPolicies(parts: parts, scaler: settings.scaler).valkey,
        ]
    }

    // MARK: eks

    var ingress: [RenderedObject] {
        var annotations = JSONObject([
            ("alb.ingress.kubernetes.io/scheme", "internet-facing"), ("alb.ingress.kubernetes.io/target-type", "ip"),
            ("alb.ingress.kubernetes.io/healthcheck-path", "/readyz"),
            ("alb.ingress.kubernetes.io/healthcheck-port", .string("\(Parts.adminPort)")),
            ("alb.ingress.kubernetes.io/healthcheck-interval-seconds", "5"),
            ("alb.ingress.kubernetes.io/healthy-threshold-count", "2"),
            ("alb.ingress.kubernetes.io/target-group-attributes", "deregistration_delay.timeout_seconds=30"),
        ])
        if settings.domain == nil {
            annotations["alb.ingress.kubernetes.io/listen-ports"] = #"[{"HTTP": 80}]"#
        } else {
            annotations["alb.ingress.kubernetes.io/listen-ports"] = #"[{"HTTP": 80}, {"HTTPS": 443}]"#
            annotations["alb.ingress.kubernetes.io/ssl-redirect"] = "443"
        }
        var rule = JSONObject()
        if let domain = settings.domain { rule["host"] = .string(domain) }
        rule["http"] = [
            "paths": [
                [
                    "path": "/", "pathType": "Prefix",
                    "backend": ["service": ["name": "gateway", "port": ["name": "http"]]],
                ]
            ]
        ]
        var spec = JSONObject([("ingressClassName", "alb")])
        if let domain = settings.domain { spec["tls"] = [["hosts": [.string(domain)]]] }
        spec["rules"] = [.object(rule)]
        return [
            RenderedObject(
                settings.domain == nil
                    ? "By HTTP and under any name; 'shopfn render --domain NAME' adds HTTPS with the certificate of that name."
                    : "The certificate of that name is found in ACM by the controller.",
                [
                    "apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
                    "metadata": parts.metadata("gateway", annotations: annotations), "spec": .object(spec),
                ]
            ),
            NetworkPolicies(parts: parts, scaler: settings.scaler).healthChecks(from: settings.loadBalancer),
        ]
    }
}
