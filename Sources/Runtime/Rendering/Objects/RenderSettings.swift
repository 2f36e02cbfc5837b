package import JSON

/// What a cluster's objects depend on beside the functions.
package struct RenderSettings: Sendable, Hashable {
    /// Who decides how many workers there are.
    package enum Scaler: String, Sendable, CaseIterable {
        /// `shopfn autoscaler`.
        case shopfn
        /// KEDA, asking `shopfn keda-scaler`.
        case keda
    }

    package var scaler: Scaler
    /// The shop's name on the internet, for the ingress; without one it answers to any, by HTTP alone.
    package var domain: String?
    /// Where the load balancer that looks after the gateways' health is: the public subnets of the VPC.
    package var loadBalancer: [AddressRange]
    /// The namespace; by default the service's name.
    package var namespace: String?

    /// The public subnets of the VPC that terraform/ makes unless told otherwise.
    package static let defaultLoadBalancer = "10.20.192.0/20,10.20.208.0/20,10.20.224.0/20"

    package init(
        scaler: Scaler = .shopfn,
        domain: String? = nil,
        loadBalancer: [AddressRange] = AddressRange.list(defaultLoadBalancer) ?? [],
        namespace: String? = nil
    ) {
        self.loadBalancer = loadBalancer
        self.namespace = namespace
        self.scaler = scaler
        self.domain = domain
    }
}

/// An object with what a reader should know of it.
package struct RenderedObject: Sendable, Hashable {
    /// Lines without their `#`; none for an object that needs no word.
    package var comment: String
    package var json: JSONObject

    package init(_ comment: String = "", _ json: JSONValue) {
        self.comment = comment
        self.json = json.objectValue ?? JSONObject()
    }

    package var kind: String { json["kind"]?.stringValue ?? "" }
    package var name: String { json["metadata"]?["name"]?.stringValue ?? "" }

    /// The object as YAML, its comment above it.
    package var text: String {
        let comment = comment.split(separator: "\n").map { "# \($0)\n" }.joined()
        return comment + YAMLWriter.text(.object(json))
    }
}
