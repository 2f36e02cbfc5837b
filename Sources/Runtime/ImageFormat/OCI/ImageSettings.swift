import JSON

/// How a container of an image starts, and what the image says of itself.
package struct ImageSettings: Sendable {
    package var entrypoint: [String]
    package var environment: [(name: String, value: String)]
    /// A number each, so that Kubernetes can see that it is not root.
    package var user: String
    package var labels: [String: String]
    package var annotations: [String: String]

    package init(
        entrypoint: [String],
        environment: [(name: String, value: String)] = [],
        user: String = "65532:65532",
        labels: [String: String] = [:],
        annotations: [String: String] = [:]
    ) {
        self.entrypoint = entrypoint
        self.environment = environment
        self.user = user
        self.labels = labels
        self.annotations = annotations
    }

    /// The moment all images are made: a build's time would make each another.
    static let created = "1970-01-01T00:00:00Z"

    static func object(_ members: [String: String]) -> JSONObject {
        JSONObject(members.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.string($0.value)) })
    }

    /// The image's configuration: the base's with what is set here on top.
    func configuration(base: BaseImage?, layers: [Layer], platform: Platform) -> JSONObject {
        var document = base?.configuration ?? JSONObject()
        document["created"] = .string(Self.created)
        document["architecture"] = .string(platform.architecture)
        document["os"] = .string(platform.system)
        // What a build by Docker leaves behind, of no use to who runs the image.
        for name in ["container", "container_config", "docker_version"] { document[name] = nil }

        var config = document["config"]?.objectValue ?? JSONObject()
        config["Entrypoint"] = .array(entrypoint.map { .string($0) })
        config["Cmd"] = nil
        config["User"] = .string(user)
        config["WorkingDir"] = "/"
        config["Env"] = .array(variables(over: config["Env"]))
        var all = config["Labels"]?.objectValue ?? JSONObject()
        for (name, value) in labels { all[name] = .string(value) }
        if !all.isEmpty { config["Labels"] = .object(all) }
        document["config"] = .object(config)

        let diffIDs = document["rootfs"]?["diff_ids"]?.arrayValue ?? []
        document["rootfs"] = .object(
            JSONObject([
                ("type", "layers"),
                ("diff_ids", .array(diffIDs + layers.map { .string($0.diffID.description) })),
            ])
        )
        let history = layers.map { layer in
            JSONValue.object(
                JSONObject([
                    ("created", .string(Self.created)), ("created_by", "shopfn image"),
                    ("comment", .string(layer.comment)),
                ])
            )
        }
        document["history"] = .array((document["history"]?.arrayValue ?? []) + history)
        return document
    }

    private func variables(over base: JSONValue?) -> [JSONValue] {
        let own = Set(environment.map(\.name))
        let kept = (base?.arrayValue ?? []).filter { variable in
            guard let text = variable.stringValue else { return false }
            return !own.contains(String(text.prefix { $0 != "=" }))
        }
        return kept + environment.map { .string("\($0.name)=\($0.value)") }
    }
}
