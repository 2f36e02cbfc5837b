import Glibc
import JSON
import Kubernetes
import KubernetesTestSupport
import Synchronization

/// A shop whose pods are processes of this machine, started and ended as Deployments of a real API server say.
final class ClusterShop: Sendable {
    let shop: RemoteShop
    let namespace: String
    let admin: KubernetesClient
    private let kubeconfig: String
    private let pods = Mutex<[String: ChildProcess]>([:])
    /// Whether images can be pulled.
    private let isImageThere: Bool
    private let made = Atomic<Int>(0)

    private init(_ manifest: ProbeManifest, _ cluster: TestCluster, _ namespace: String, isImageThere: Bool) throws {
        shop = try RemoteShop(manifest)
        self.namespace = namespace
        self.isImageThere = isImageThere
        admin = cluster.client(namespace: namespace)
        kubeconfig = cluster.kubeconfig
    }

    /// Runs a shop with a Deployment for each function.
    static func with(
        _ manifest: ProbeManifest,
        isImageThere: Bool = true,
        _ body: (ClusterShop) async throws -> Void
    ) async throws {
        let cluster = try await ControlPlane.shared()
        let namespace = try await cluster.makeNamespace()
        let world = try ClusterShop(manifest, cluster, namespace, isImageThere: isImageThere)
        for function in manifest.functions { try await world.deploy(function.name) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await world.keepPods(manifest) }
            try await body(world)
            group.cancelAll()
        }
        await world.admin.close()
    }

    private func deploy(_ name: String) async throws {
        let labels: JSONValue = ["app.kubernetes.io/name": .string(name), "app.kubernetes.io/component": "worker"]
        var object = KubernetesObject(apiVersion: "apps/v1", kind: "Deployment", name: name)
        object["spec"] = [
            "replicas": 0, "selector": ["matchLabels": labels],
            "template": [
                "metadata": ["labels": labels], "spec": ["containers": [["name": "worker", "image": "probe"]]],
            ],
        ]
        _ = try await admin.create(object)
    }

    /// Starts `shopfn autoscaler`, or `shopfn scheduler`.
    func autoscaler(_ identity: String, command: String = "autoscaler") throws -> ChildProcess {
        var arguments = [command, "--manifest", shop.folder("functions.yaml"), "--output", "json"]
        arguments += ["--gateway", "127.0.0.1:\(shop.workerPort)"] + shop.peerOptions
        arguments += ["--kubeconfig", kubeconfig, "--namespace", namespace, "--identity", identity]
        arguments += ["--admin-port", "0"]
        let process = try ChildProcess(try Programs.path("shopfn"), arguments)
        try eventually("shopfn \(command) is up", within: .seconds(60), state: process.errorText) {
            guard process.isRunning else { throw TestFailure("shopfn \(command) ended: \(process.errorText)") }
            return (try? JSONValue(parsing: Array(process.text.utf8))) != nil
        }
        return process
    }

    func replicas(of function: String) async throws -> Int {
        try await admin.scale(of: .deployments, function).replicas
    }

    func leader(of lease: String = "shopfn-autoscaler") async throws -> String? {
        try await admin.lease(lease)?.holder
    }

    /// An admin port's document, of a program that has said where it is.
    func document(_ path: String, of process: ChildProcess) throws -> JSONValue {
        let announced = try JSONValue(parsing: Array(process.text.utf8))["admin"]?.stringValue ?? ""
        guard let port = announced.split(separator: ":").last.flatMap({ UInt16($0) }) else {
            throw TestFailure("it announced no admin port: \(process.text)")
        }
        let connection = try Connection(port: port)
        connection.send(Shop.bytes("GET", path, ["Connection: close"]))
        return try connection.reply().json
    }

    func waitUntil(_ what: String, _ condition: () async throws -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(180)
        while try await !condition() {
            guard .now < end else { throw TestFailure("waited in vain \(what)") }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    // MARK: What controllers and kubelets would do

    private func keepPods(_ manifest: ProbeManifest) async throws {
        for await update in admin.updates(of: .deployments) {
            let deployments: [KubernetesObject] =
                switch update {
                case .listed(let objects): objects
                case .changed(let object): [object]
                case .removed, .failed: []
                }
            for deployment in deployments {
                guard let function = manifest.functions.first(where: { $0.name == deployment.name }) else { continue }
                try await keep(function, wanted: deployment["spec", "replicas"]?.intValue ?? 0)
            }
        }
    }

    private func keep(_ function: ProbeManifest.Function, wanted: Int) async throws {
        let label = Selector.labels(["app.kubernetes.io/name": function.name])
        let present = try await admin.list(.pods, matching: label).items.map(\.name)
        for name in present.dropFirst(wanted) {
            pods.withLock { $0.removeValue(forKey: name) }?.signal(SIGTERM)
            var options = DeleteOptions()
            options.gracePeriod = 0
            try await admin.delete(.pods, name, options: options)
        }
        for _ in present.count..<max(present.count, wanted) { try await make(function) }
    }

    private func make(_ function: ProbeManifest.Function) async throws {
        let name = "\(function.name)-\(made.add(1, ordering: .relaxed).newValue)"
        var pod = KubernetesObject(apiVersion: "v1", kind: "Pod", name: name)
        pod.labels = ["app.kubernetes.io/name": function.name, "app.kubernetes.io/component": "worker"]
        pod["spec"] = ["containers": [["name": "worker", "image": "registry/probe:1"]]]
        _ = try await admin.create(pod)
        var status: JSONValue = ["phase": "Running", "conditions": [["type": "Ready", "status": "True"]]]
        if isImageThere {
            let process = try shop.worker(
                function.name,
                handler: function.handler,
                gateways: ["127.0.0.1"],
                name: name
            )
            pods.withLock { $0[name] = process }
        } else {
            let waiting: JSONValue = ["reason": "ErrImagePull", "message": "manifest unknown"]
            status = [
                "phase": "Pending",
                "containerStatuses": [
                    [
                        "name": "worker", "image": "registry/probe:1", "imageID": "", "ready": false, "restartCount": 0,
                        "state": ["waiting": waiting],
                    ]
                ],
            ]
        }
        _ = try await admin.patch(.pods, name, .merge(["status": status]), subresource: "status")
    }

    /// Worker processes that are there.
    var running: Int { pods.withLock { $0.count } }
}
