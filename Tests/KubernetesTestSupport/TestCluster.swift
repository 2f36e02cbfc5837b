import Foundation
import HTTPTransfer
package import JSON
package import Kubernetes
import LoopbackTestSupport
import Synchronization

/// A real API server with its etcd, on loopback.
///
/// There are no controllers and no nodes: what those would do, tests play.
package final class TestCluster: Sendable {
    /// `https://127.0.0.1:PORT`.
    package let server: String
    /// Certificates, kubeconfig and logs.
    package let folder: String
    /// The path of an administrator's kubeconfig.
    package var kubeconfig: String { "\(folder)/kubeconfig" }

    private let etcd: HeldProcess
    private let apiServer: Mutex<HeldProcess?>
    private let arguments: [String]
    private let clients = Mutex<[KubernetesClient]>([])
    private let lastNumber = Atomic<Int>(0)

    /// Starts a cluster of one's own, for tests that stop its server.
    package static func start() async throws -> TestCluster {
        for _ in 0..<4 {
            do {
                return try await startOnce()
            } catch is PortTaken {
                continue
            }
        }
        return try await startOnce()
    }

    /// Somebody else took a port between the moment it was found free and the moment it was listened on.
    private struct PortTaken: Error {}

    private static func startOnce() async throws -> TestCluster {
        guard let assets = ControlPlane.assets else { throw TestClusterError(description: ControlPlane.skipReason) }
        let folder = NSTemporaryDirectory() + "shopfn-cluster-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try TestCertificates.make(in: folder)
        let ports = try freePorts(3)
        let etcd = try HeldProcess(
            "\(assets)/etcd",
            [
                "--data-dir", "\(folder)/etcd", "--unsafe-no-fsync", "--listen-client-urls",
                "http://127.0.0.1:\(ports[0])",
                "--advertise-client-urls", "http://127.0.0.1:\(ports[0])", "--listen-peer-urls",
                "http://127.0.0.1:\(ports[1])", "--initial-advertise-peer-urls", "http://127.0.0.1:\(ports[1])",
                "--initial-cluster", "default=http://127.0.0.1:\(ports[1])",
            ],
            log: "\(folder)/etcd.log",
            removing: folder
        )
        let arguments = [
            "\(assets)/kube-apiserver", "--etcd-servers=http://127.0.0.1:\(ports[0])", "--bind-address=127.0.0.1",
            "--secure-port=\(ports[2])", "--tls-cert-file=\(folder)/server.pem",
            "--tls-private-key-file=\(folder)/server.key", "--client-ca-file=\(folder)/ca.pem",
            "--cert-dir=\(folder)", "--authorization-mode=RBAC", "--allow-privileged=true",
            "--service-account-issuer=https://kubernetes.default.svc",
            "--service-account-signing-key-file=\(folder)/sa.key", "--service-account-key-file=\(folder)/sa.pub",
            "--service-cluster-ip-range=10.96.0.0/16", "--disable-admission-plugins=ServiceAccount",
        ]
        let cluster = TestCluster(port: ports[2], folder: folder, etcd: etcd, arguments: arguments)
        try cluster.writeKubeconfig()
        try cluster.startServer()
        try await cluster.waitUntilReady()
        return cluster
    }

    private init(port: Int, folder: String, etcd: HeldProcess, arguments: [String]) {
        server = "https://127.0.0.1:\(port)"
        self.folder = folder
        self.etcd = etcd
        self.arguments = arguments
        apiServer = Mutex(nil)
    }

    deinit {
        apiServer.withLock { $0?.stop() }
        etcd.stop()
    }

    /// Ends the API server, as an upgrade of the control plane does; etcd stays.
    package func stopServer() {
        apiServer.withLock { $0.take() }?.stop()
    }

    /// Starts the API server again, at the same address.
    package func startServer() throws {
        let process = try HeldProcess(arguments[0], Array(arguments.dropFirst()), log: "\(folder)/kube-apiserver.log")
        apiServer.withLock { $0 = process }
    }

    /// Waits until the server says it is ready.
    package func waitUntilReady() async throws {
        let client = HTTPClient(
            configuration: HTTPClientConfiguration(authorities: .file("\(folder)/ca.pem"), usesProxies: false)
        )
        let end = ContinuousClock.now + .seconds(240)
        var isReady = false
        while !isReady, .now < end {
            let request = HTTPClientRequest(url: "\(server)/readyz", timeout: .seconds(5))
            isReady = (try? await client.execute(request))?.status == 200
            if isReady { break }
            try await Task.sleep(for: .milliseconds(100))
            let words = (apiServer.withLock { $0?.lastWords } ?? "") + etcd.lastWords
            if words.contains("address already in use") {
                await client.close()
                throw PortTaken()
            }
        }
        await client.close()
        guard isReady else {
            let words = apiServer.withLock { $0?.lastWords } ?? ""
            throw TestClusterError(description: "kube-apiserver does not get ready: \(words)\n\(etcd.lastWords)")
        }
    }

    // MARK: Users

    package func configuration(
        _ credentials: Credentials? = nil,
        namespace: String = "default"
    ) -> ClusterConfiguration {
        ClusterConfiguration(
            server: server,
            namespace: namespace,
            authorities: .file("\(folder)/ca.pem"),
            credentials: credentials ?? .certificate(.file("\(folder)/admin.pem"), key: .file("\(folder)/admin.key"))
        )
    }

    /// A client, the administrator's unless other credentials are given.
    package func client(_ credentials: Credentials? = nil, namespace: String = "default") -> KubernetesClient {
        KubernetesClient(configuration(credentials, namespace: namespace))
    }

    /// Makes a namespace that no other test has.
    package func makeNamespace() async throws -> String {
        let number = lastNumber.add(1, ordering: .relaxed).newValue
        let name = "test-\(number)-\(UUID().uuidString.prefix(6).lowercased())"
        let client = client()
        _ = try await client.create(KubernetesObject(apiVersion: "v1", kind: "Namespace", name: name))
        await client.close()
        return name
    }

    /// Makes a ServiceAccount that may do what the rules of its Role allow, and nothing else.
    ///
    /// - Returns: A token of it.
    package func makeAccount(_ name: String, in namespace: String, rules: [JSONValue]) async throws -> String {
        let client = client(namespace: namespace)
        _ = try await client.create(KubernetesObject(apiVersion: "v1", kind: "ServiceAccount", name: name))
        let version = "rbac.authorization.k8s.io/v1"
        var role = KubernetesObject(apiVersion: version, kind: "Role", name: name)
        role["rules"] = .array(rules)
        _ = try await client.create(role)
        var binding = KubernetesObject(apiVersion: version, kind: "RoleBinding", name: name)
        binding["roleRef"] = ["apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": .string(name)]
        binding["subjects"] = [
            ["kind": "ServiceAccount", "name": .string(name), "namespace": .string(namespace)]
        ]
        _ = try await client.create(binding)
        let token = try await token(of: name, in: namespace)
        await client.close()
        return token
    }

    /// A new token of a ServiceAccount, as the kubelet gives a pod.
    package func token(of account: String, in namespace: String) async throws -> String {
        let client = client(namespace: namespace)
        var request = KubernetesObject(apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", name: account)
        request["spec"] = ["expirationSeconds": 3_600]
        let answer = try await client.create(request, under: .serviceAccounts, account, subresource: "token")
        await client.close()
        return answer["status", "token"]?.stringValue ?? ""
    }

    /// Writes a kubeconfig with a token.
    ///
    /// - Returns: Its path.
    package func makeKubeconfig(token: String, namespace: String) throws -> String {
        let path = "\(folder)/kubeconfig-\(UUID().uuidString.prefix(8))"
        try write("token: \(token)", namespace: namespace, to: path)
        return path
    }

    private func writeKubeconfig() throws {
        try write("{ client-certificate: admin.pem, client-key: admin.key }", namespace: "default", to: kubeconfig)
    }

    private func write(_ user: String, namespace: String, to path: String) throws {
        let userLine = user.hasPrefix("{") ? user : "{ \(user) }"
        let text = """
            apiVersion: v1
            kind: Config
            current-context: test
            contexts: [{ name: test, context: { cluster: test, user: test, namespace: \(namespace) } }]
            clusters: [{ name: test, cluster: { server: "\(server)", certificate-authority: ca.pem } }]
            users: [{ name: test, user: \(userLine) }]

            """
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }
}
