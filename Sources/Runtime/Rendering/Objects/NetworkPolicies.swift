import JSON

/// Who may connect to whom: nobody to anything, but for what is said here.
struct NetworkPolicies {
    let parts: Parts
    let scaler: RenderSettings.Scaler
    /// Whether a scheduler stands beside the scaler.
    var hasScheduler = false

    var objects: [RenderedObject] { [deny, workers, gateways] + scalerPolicies }

    private var scalerComponent: Parts.Component { scaler == .shopfn ? .autoscaler : .scaler }

    private func policy(
        _ name: String,
        _ comment: String,
        pods: JSONValue,
        ingress: [JSONValue]? = nil,
        egress: [JSONValue]? = nil,
        denies: Bool = false
    ) -> RenderedObject {
        var spec = JSONObject([("podSelector", pods)])
        var types: [JSONValue] = []
        if ingress != nil || denies { types.append("Ingress") }
        if egress != nil { types.append("Egress") }
        spec["policyTypes"] = .array(types)
        if let ingress, !ingress.isEmpty { spec["ingress"] = .array(ingress) }
        if let egress { spec["egress"] = .array(egress) }
        return RenderedObject(
            comment,
            [
                "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": parts.metadata(name),
                "spec": .object(spec),
            ]
        )
    }

    private static func ports(_ numbers: Int...) -> JSONValue {
        .array(numbers.map { ["protocol": "TCP", "port": .int($0)] })
    }

    private static func pods(_ component: Parts.Component) -> JSONValue { ["podSelector": Parts.choosing(component)] }

    private static func namespace(_ name: String) -> JSONValue {
        ["namespaceSelector": ["matchLabels": ["kubernetes.io/metadata.name": .string(name)]]]
    }

    private static let collector: JSONValue = ["to": [namespace("observability")], "ports": ports(4_318)]
    private static let metrics: JSONValue = ["from": [namespace("observability")], "ports": ports(Parts.adminPort)]
    private static let toGateways: JSONValue = ["to": [pods(.gateway)], "ports": ports(Parts.workerPort)]

    private var deny: RenderedObject {
        policy(
            "deny-by-default",
            "Nothing may connect to a pod of the shop, and a pod may only ask for names, unless a further policy allows it.",
            pods: [:],
            egress: [["ports": [["protocol": "UDP", "port": 53], ["protocol": "TCP", "port": 53]]]],
            denies: true
        )
    }

    private var workers: RenderedObject {
        policy(
            "workers-connect-out",
            """
            Workers connect out: to the gateways, through them to other functions, to Valkey, to the collector and to \
            HTTPS
            services. Nothing connects to them.
            """,
            pods: Parts.choosing(.worker),
            egress: [
                [
                    "to": [Self.pods(.gateway)],
                    "ports": Self.ports(Parts.workerPort, Parts.httpPort),
                ],
                ["ports": Self.ports(6_379, 443)], Self.collector,
            ]
        )
    }

    private var gateways: RenderedObject {
        policy(
            "gateways-take-requests",
            "Requests from anywhere, workers and scalers from this namespace, metrics to who watches.",
            pods: Parts.choosing(.gateway),
            ingress: [
                ["ports": Self.ports(Parts.httpPort)],
                [
                    "from": .array(
                        [Self.pods(.worker), Self.pods(scalerComponent)] + (hasScheduler ? [Self.pods(.scheduler)] : [])
                    ),
                    "ports": Self.ports(Parts.workerPort),
                ],
                Self.metrics,
            ],
            egress: [Self.collector]
        )
    }

    private var scalerPolicies: [RenderedObject] {
        switch scaler {
        case .shopfn:
            [
                policy(
                    "autoscaler-connects-out",
                    "To the gateways, and to the API of Kubernetes, whose address is nobody's pod.",
                    pods: Parts.choosing(.autoscaler),
                    ingress: [Self.metrics],
                    egress: [Self.toGateways, ["ports": Self.ports(443, 6_443)]]
                )
            ]
        case .keda:
            [
                policy(
                    "scaler-answers-keda",
                    "KEDA asks, gateways are asked; what was learned is kept by the API of Kubernetes.",
                    pods: Parts.choosing(.scaler),
                    ingress: [
                        ["from": [Self.namespace("keda")], "ports": Self.ports(Parts.scalerPort)], Self.metrics,
                    ],
                    egress: [Self.toGateways, ["ports": Self.ports(443, 6_443)]]
                )
            ]
                + (hasScheduler
                    ? [
                        policy(
                            "scheduler-connects-out",
                            "To the gateways, and to the API of Kubernetes for its Lease.",
                            pods: Parts.choosing(.scheduler),
                            ingress: [Self.metrics],
                            egress: [Self.toGateways, ["ports": Self.ports(443, 6_443)]]
                        )
                    ] : [])
        }
    }

    /// Only where the development overlay brings its own Valkey.
    var valkey: RenderedObject {
        policy(
            "workers-reach-valkey",
            "",
            pods: Parts.choosing(.valkey),
            ingress: [["from": [Self.pods(.worker)], "ports": Self.ports(6_379)]]
        )
    }

    /// Only where a load balancer looks at pods by their address, from these ranges.
    func healthChecks(from ranges: [AddressRange]) -> RenderedObject {
        let blocks = ranges.map { range -> JSONValue in ["ipBlock": ["cidr": .string(range.description)]] }
        return policy(
            "load-balancer-checks-health",
            """
            The load balancer is no pod: it asks for /readyz from the VPC's public subnets, which 'terraform output
            load_balancer_ranges' shows and 'shopfn render --load-balancer' takes.
            """,
            pods: Parts.choosing(.gateway),
            ingress: [["from": .array(blocks), "ports": Self.ports(Parts.adminPort)]]
        )
    }
}
