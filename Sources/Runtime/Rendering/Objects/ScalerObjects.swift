import JSON

/// Who decides how many workers there are: `shopfn autoscaler`, or what KEDA asks.
struct ScalerObjects {
    let parts: Parts
    let scaler: RenderSettings.Scaler
    /// Changes with the manifest, so that the scaler begins anew with it.
    let manifestMark: String

    var objects: [RenderedObject] {
        switch scaler {
        case .shopfn:
            [account("autoscaler"), role, binding("autoscaler"), autoscaler, disruption("autoscaler", .autoscaler)]
        case .keda:
            [
                account(kedaName), kedaRole, binding(kedaName), kedaScaler, kedaService, disruption(kedaName, .scaler),
            ]
        }
    }

    /// Who invokes scheduled functions where KEDA scales them; the autoscaler does so itself.
    var scheduler: [RenderedObject] {
        [
            account("scheduler"), schedulerRole, binding("scheduler"), schedulerDeployment,
            disruption("scheduler", .scheduler),
        ]
    }

    private var kedaName: String { "\(parts.service)-keda-scaler" }

    // MARK: shopfn autoscaler

    private func account(_ name: String) -> RenderedObject {
        RenderedObject("", ["apiVersion": "v1", "kind": "ServiceAccount", "metadata": parts.metadata(name)])
    }

    private func rule(
        _ group: String,
        _ resources: [JSONValue],
        _ verbs: [JSONValue],
        _ names: [JSONValue] = []
    ) -> JSONValue {
        var rule = JSONObject([
            ("apiGroups", JSONValue.array([.string(group)])), ("resources", .array(resources)),
            ("verbs", .array(verbs)),
        ])
        if !names.isEmpty { rule["resourceNames"] = .array(names) }
        return .object(rule)
    }

    private var role: RenderedObject {
        RenderedObject(
            """
            All it may: set how many pods there are, see why they do not start, mark those that are idle, keep its \
            Lease
            and what it has learned. Creating cannot be limited to a name.
            """,
            [
                "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": parts.metadata("autoscaler"),
                "rules": [
                    rule("apps", ["deployments/scale"], ["get", "patch"]),
                    rule("apps", ["deployments"], ["get", "list", "watch"]),
                    rule("", ["pods"], ["get", "list", "watch", "patch"]),
                    rule("", ["events"], ["create", "patch"]),
                    rule("coordination.k8s.io", ["leases"], ["create"]),
                    rule("coordination.k8s.io", ["leases"], ["get", "update", "patch"], ["shopfn-autoscaler"]),
                    rule("", ["configmaps"], ["create"]),
                    rule("", ["configmaps"], ["get", "update", "patch"], ["shopfn-autoscaler-state"]),
                ],
            ]
        )
    }

    private func binding(_ name: String) -> RenderedObject {
        RenderedObject(
            "",
            [
                "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": parts.metadata(name),
                "roleRef": ["apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": .string(name)],
                "subjects": [
                    ["kind": "ServiceAccount", "name": .string(name), "namespace": .string(parts.namespace)]
                ],
            ]
        )
    }

    private var autoscaler: RenderedObject {
        replica(
            "autoscaler",
            .autoscaler,
            comment: "Two: one holds the Lease and decides, the other takes over within seconds."
        )
    }

    /// A Deployment of a command that finds its Lease by the API.
    private func replica(_ name: String, _ component: Parts.Component, comment: String) -> RenderedObject {
        let arguments: [JSONValue] =
            [.string(name), "--manifest", .string(Parts.manifestFile)] + Parts.peerArguments
            + ["--namespace", .string(parts.namespace), "--admin-host", "0.0.0.0"]
        return deployment(name, component, comment: comment, arguments: arguments, ports: [])
    }

    // MARK: shopfn scheduler

    private var schedulerRole: RenderedObject {
        RenderedObject(
            "All it may: keep its Lease, which says what was invoked last. Creating cannot be limited to a name.",
            [
                "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": parts.metadata("scheduler"),
                "rules": [
                    rule("coordination.k8s.io", ["leases"], ["create"]),
                    rule("coordination.k8s.io", ["leases"], ["get", "update"], ["shopfn-scheduler"]),
                ],
            ]
        )
    }

    private var schedulerDeployment: RenderedObject {
        replica(
            "scheduler",
            .scheduler,
            comment: "Two: one holds the Lease and has gateways invoke what is due; the other takes over in seconds."
        )
    }

    // MARK: KEDA

    private static let kedaState: JSONValue = "shopfn-keda-scaler-state"

    private var kedaRole: RenderedObject {
        RenderedObject(
            "All it may: keep what its policies have learned. Creating cannot be limited to a name.",
            [
                "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": parts.metadata(kedaName),
                "rules": [
                    rule("", ["configmaps"], ["create"]),
                    rule("", ["configmaps"], ["get", "patch"], [Self.kedaState]),
                ],
            ]
        )
    }

    private var kedaScaler: RenderedObject {
        let arguments: [JSONValue] =
            ["keda-scaler", "--manifest", .string(Parts.manifestFile)] + Parts.peerArguments
            + ["--port", .string("\(Parts.scalerPort)"), "--admin-host", "0.0.0.0"]
            + ["--state", Self.kedaState, "--namespace", .string(parts.namespace)]
        return deployment(
            kedaName,
            .scaler,
            comment: "All replicas see the same demand and give KEDA the same answer.",
            arguments: arguments,
            ports: [Parts.containerPort("grpc", Parts.scalerPort)]
        )
    }

    private var kedaService: RenderedObject {
        RenderedObject(
            "Headless: KEDA's one connection would stay with one replica otherwise.",
            [
                "apiVersion": "v1", "kind": "Service",
                "metadata": parts.metadata(kedaName, labels: parts.labels(kedaName, .scaler)),
                "spec": [
                    "clusterIP": "None", "selector": Parts.choosing(.scaler)["matchLabels"] ?? .null,
                    "ports": [Parts.servicePort("grpc", Parts.scalerPort)],
                ],
            ]
        )
    }

    // MARK: All

    private func deployment(
        _ name: String,
        _ component: Parts.Component,
        comment: String,
        arguments: [JSONValue],
        ports: [JSONValue]
    ) -> RenderedObject {
        let labels = parts.labels(name, component)
        let spread = Parts.spread(component)
        var container = JSONObject([("name", .string(name)), ("image", "shopfn"), ("args", .array(arguments))])
        container["env"] = [["name": "POD_NAME", "valueFrom": ["fieldRef": ["fieldPath": "metadata.name"]]]]
        container["ports"] = .array(ports + [Parts.containerPort("admin", Parts.adminPort)])
        container["readinessProbe"] = Parts.probe("/readyz", period: 2)
        container["livenessProbe"] = Parts.probe("/livez", period: 10)
        container["resources"] = Parts.resources(cpu: "50m", memory: "128Mi", limit: "256Mi")
        container["securityContext"] = Parts.containerSecurity
        container["volumeMounts"] = .array([Parts.manifestMount] + Parts.peerMounts)
        let skips =
            [
                (id: "CKV_K8S_11", reason: "Throttling would delay the wake-up of functions; requests keep its share")
            ] + Parts.imageSkips + [
                (id: "CKV_K8S_38", reason: "It does by the API what its Role allows, and that alone")
            ]
        return RenderedObject(
            comment,
            [
                "apiVersion": "apps/v1", "kind": "Deployment",
                "metadata": parts.metadata(name, labels: labels, annotations: Parts.skipping(skips)),
                "spec": [
                    "replicas": 2, "revisionHistoryLimit": 5, "progressDeadlineSeconds": 120,
                    "selector": Parts.choosing(name: name),
                    "template": [
                        "metadata": [
                            "labels": labels, "annotations": ["shopfn.io/manifest": .string(manifestMark)],
                        ],
                        "spec": [
                            "serviceAccountName": .string(name), "automountServiceAccountToken": true,
                            "enableServiceLinks": false, "terminationGracePeriodSeconds": 30,
                            "topologySpreadConstraints": spread.constraints, "affinity": spread.affinity,
                            "securityContext": Parts.podSecurity, "containers": [.object(container)],
                            "volumes": .array([Parts.manifestVolume] + Parts.peerVolumes),
                        ],
                    ],
                ],
            ]
        )
    }

    private func disruption(_ name: String, _ component: Parts.Component) -> RenderedObject {
        RenderedObject(
            "",
            [
                "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": parts.metadata(name),
                "spec": ["maxUnavailable": 1, "selector": Parts.choosing(component)],
            ]
        )
    }
}
