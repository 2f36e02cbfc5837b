import JSON

/// What the objects have in common.
struct Parts {
    let service: String
    /// Called as the service, unless told otherwise.
    let namespace: String

    static let workerPort = 7_070
    static let httpPort = 8_080
    static let adminPort = 9_090
    static let scalerPort = 6_000
    static let user = 65_532

    /// The components, which network policies and services choose pods by.
    enum Component: String {
        case worker
        case gateway
        case autoscaler
        case scaler
        case scheduler
        case valkey
    }

    func labels(_ name: String, _ component: Component, module: String? = nil) -> JSONValue {
        var labels = JSONObject([
            ("app.kubernetes.io/name", .string(name)), ("app.kubernetes.io/component", .string(component.rawValue)),
            ("app.kubernetes.io/part-of", .string(service)),
        ])
        if let module { labels["shopfn.io/module"] = .string(module) }
        return .object(labels)
    }

    static func choosing(_ component: Component) -> JSONValue {
        ["matchLabels": ["app.kubernetes.io/component": .string(component.rawValue)]]
    }

    static func choosing(name: String) -> JSONValue { ["matchLabels": ["app.kubernetes.io/name": .string(name)]] }

    func metadata(_ name: String, labels: JSONValue? = nil, annotations: JSONObject = JSONObject()) -> JSONValue {
        var metadata = JSONObject([("name", .string(name)), ("namespace", .string(namespace))])
        metadata["labels"] = labels
        if !annotations.isEmpty { metadata["annotations"] = .object(annotations) }
        return .object(metadata)
    }

    /// What checkov is told to pass over, each with its reason.
    static func skipping(_ checks: [(id: String, reason: String)]) -> JSONObject {
        JSONObject(
            checks.enumerated().map { number, check in
                ("checkov.io/skip\(number + 1)", JSONValue.string("\(check.id)=\(check.reason)"))
            }
        )
    }

    /// What holds of every image that an overlay names by its digest.
    static let imageSkips = [
        (id: "CKV_K8S_14", reason: "The overlay names the image by its digest once it was delivered"),
        (id: "CKV_K8S_15", reason: "What a digest names cannot change, and asking the registry at each start is slow"),
        (id: "CKV_K8S_43", reason: "The overlay names the image by its digest once it was delivered"),
    ]

    static let podSecurity: JSONValue = [
        "runAsNonRoot": true, "runAsUser": .int(user), "runAsGroup": .int(user), "fsGroup": .int(user),
        "seccompProfile": ["type": "RuntimeDefault"],
    ]

    static let containerSecurity: JSONValue = [
        "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": ["drop": ["ALL"]],
    ]

    static func resources(cpu: String, memory: String, limit: String) -> JSONValue {
        ["requests": ["cpu": .string(cpu), "memory": .string(memory)], "limits": ["memory": .string(limit)]]
    }

    static func probe(_ path: String, period: Int) -> JSONValue {
        ["httpGet": ["path": .string(path), "port": "admin"], "periodSeconds": .int(period)]
    }

    // MARK: Ports

    // The protocol is said though TCP is what it is by default: it is a part of a port's key in server-side apply, and
    // API servers up to 1.20 refuse a list whose keys are not whole.

    static func containerPort(_ name: String, _ number: Int) -> JSONValue {
        ["name": .string(name), "containerPort": .int(number), "protocol": "TCP"]
    }

    /// A Service's port that leads to the container's port of the same name.
    static func servicePort(_ name: String, _ number: Int) -> JSONValue {
        ["name": .string(name), "port": .int(number), "protocol": "TCP", "targetPort": .string(name)]
    }

    // MARK: What peers of the gateways show and believe

    static let tokenFile = "/etc/shopfn/token/token"
    static let authorityFile = "/etc/shopfn/ca/ca.crt"
    static let manifestFile = "/etc/shopfn/functions/functions.yaml"

    /// How a worker or a scaler finds the gateways and is let in.
    static let peerArguments: [JSONValue] = [
        "--gateway", .string("dns:///gateways:\(workerPort)"), "--token-file", .string(tokenFile), "--ca",
        .string(authorityFile),
    ]

    static let peerMounts: [JSONValue] = [
        ["name": "token", "mountPath": "/etc/shopfn/token", "readOnly": true],
        ["name": "authority", "mountPath": "/etc/shopfn/ca", "readOnly": true],
    ]

    static let peerVolumes: [JSONValue] = [
        ["name": "token", "secret": ["secretName": "worker-token", "defaultMode": 288]],
        [
            "name": "authority",
            "secret": [
                "secretName": "worker-tls", "defaultMode": 288, "items": [["key": "ca.crt", "path": "ca.crt"]],
            ],
        ],
    ]

    static let manifestMount: JSONValue = ["name": "functions", "mountPath": "/etc/shopfn/functions", "readOnly": true]
    static let manifestVolume: JSONValue = ["name": "functions", "configMap": ["name": "functions"]]

    /// Spread over zones and, within them, over nodes; where there is but one, all on it.
    static func spread(_ component: Component) -> (constraints: JSONValue, affinity: JSONValue) {
        let constraint: JSONValue = [
            "maxSkew": 1, "topologyKey": "topology.kubernetes.io/zone", "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": choosing(component),
        ]
        let affinity: JSONValue = [
            "podAntiAffinity": [
                "preferredDuringSchedulingIgnoredDuringExecution": [
                    [
                        "weight": 100,
                        "podAffinityTerm": [
                            "topologyKey": "kubernetes.io/hostname", "labelSelector": choosing(component),
                        ],
                    ]
                ]
            ]
        ]
        return ([constraint], affinity)
    }
}
