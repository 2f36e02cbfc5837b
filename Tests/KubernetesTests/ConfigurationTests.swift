import Foundation
import HTTPTransfer
import JSON
import Kubernetes
import Testing

/// A folder that ends with the test.
final class Folder {
    let path = NSTemporaryDirectory() + "kubernetes-test-\(UUID().uuidString.prefix(8))"

    init() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    @discardableResult
    func write(_ text: String, to name: String, executable: Bool = false) throws -> String {
        let file = "\(path)/\(name)"
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        if executable { try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file) }
        return file
    }
}

@Suite struct ConfigurationTests {
    private static let first = """
        apiVersion: v1
        kind: Config
        current-context: dev
        contexts:
          - name: dev
            context: { cluster: one, user: alice, namespace: shop }
          - { name: prod, context: { cluster: two, user: bob } }
        clusters:
          - { name: one, cluster: { server: "https://one:6443/", certificate-authority: ca.pem, tls-server-name: kubernetes } }
        users:
          - { name: alice, user: { client-certificate-data: Q0VSVA==, client-key-data: S0VZ } }
        """
    private static let second = """
        current-context: other
        contexts: [{ name: dev, context: { cluster: wrong, user: wrong } }]
        clusters: [{ name: two, cluster: { server: "https://two", certificate-authority-data: Q0E=, proxy-url: "http://p:1" } }]
        users: [{ name: bob, user: { tokenFile: token } }]
        """

    @Test func severalFilesAreMerged() throws {
        let folder = try Folder()
        let files = [
            try folder.write(Self.first, to: "a"), "\(folder.path)/none", try folder.write(Self.second, to: "b"),
        ]
        let environment = ["KUBECONFIG": files.joined(separator: ":"), "HOME": "/nowhere"]
        let dev = try ClusterConfiguration.load(environment: environment)
        #expect(dev.server == "https://one:6443")
        #expect(dev.namespace == "shop")
        #expect(dev.authorities == .file("\(folder.path)/ca.pem"))
        #expect(dev.serverName == "kubernetes")
        #expect(dev.credentials == .certificate(.text([UInt8]("CERT".utf8)), key: .text([UInt8]("KEY".utf8))))

        let prod = try ClusterConfiguration.load(context: "prod", environment: environment)
        #expect(prod.server == "https://two")
        #expect(prod.namespace == "default")
        #expect(prod.authorities == .text([UInt8]("CA".utf8)))
        #expect(prod.proxy == "http://p:1")
        #expect(prod.credentials == .tokenFile("\(folder.path)/token"))
    }

    @Test(arguments: [
        ("no kubeconfig", "nothing", "there is no kubeconfig"),
        ("current-context: x", "a", "has no context x"),
        ("kind: Pod", "a", "holds a Pod"),
        ("a: [", "a", "no YAML"),
        ("contexts: []", "a", "names no current-context"),
        ("current-context: x\ncontexts: [{name: x, context: {cluster: c}}]", "a", "the cluster c, which is not there"),
        (
            "current-context: x\ncontexts: [{name: x, context: {cluster: c}}]\nclusters: [{name: c, cluster: {server: 'h:1'}}]",
            "a", "must begin with https://"
        ),
        (
            "current-context: x\ncontexts: [{name: x, context: {cluster: c}}]\n"
                + "clusters: [{name: c, cluster: {server: 'https://h', insecure-skip-tls-verify: true}}]",
            "a", "certificate-authority instead"
        ),
        (
            "current-context: x\ncontexts: [{name: x, context: {cluster: c, user: u}}]\n"
                + "clusters: [{name: c, cluster: {server: 'https://h'}}]\n"
                + "users: [{name: u, user: {exec: {command: aws, apiVersion: client.authentication.k8s.io/v1alpha1}}}]",
            "a", "v1alpha1; known are"
        ),
    ]) func whatIsWrongIsSaid(text: String, name: String, words: String) throws {
        let folder = try Folder()
        try folder.write(text, to: "a")
        #expect {
            _ = try ClusterConfiguration.load(kubeconfig: "\(folder.path)/\(name)", environment: [:])
        } throws: { error in
            (error as? ClusterConfigurationError)?.description.contains(words) == true
        }
    }

    @Test func aPodFindsItsOwn() throws {
        let folder = try Folder()
        try folder.write("t1\n", to: "token")
        try folder.write("shop", to: "namespace")
        let environment = ["KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"]
        let found = try ClusterConfiguration.inCluster(environment: environment, folder: folder.path)
        #expect(found.server == "https://[fd00::1]:443")
        #expect(found.namespace == "shop")
        #expect(found.credentials == .tokenFile("\(folder.path)/token"))
        #expect(throws: ClusterConfigurationError.self) {
            try ClusterConfiguration.inCluster(environment: environment, folder: "/nowhere")
        }
        #expect(throws: ClusterConfigurationError.self) { try ClusterConfiguration.load(environment: [:]) }
    }

    @Test func manifestsAreReadAsKubernetesReadsThem() throws {
        let objects = try KubernetesObject.documents(
            yaml: """
                # nothing but a comment
                ---
                apiVersion: v1
                kind: ConfigMap
                metadata: &m { name: a, labels: { x: "1" } }
                data: { yes: "yes", port: 80:81, time: 12:30, n: 0x1F, f: 1.5, e: ~, when: 2024-01-02 }
                ---
                ---
                apiVersion: v1
                kind: List
                items:
                  - { apiVersion: v1, kind: Pod, metadata: { <<: *m, name: b } }
                """.replacingOccurrences(of: "*m", with: "{ labels: { x: \"1\" } }")
        )
        #expect(objects.map(\.name) == ["a", "b"])
        #expect(objects[0]["data", "port"] == "80:81")
        #expect(objects[0]["data", "time"] == "12:30")
        #expect(objects[0]["data", "n"] == 31)
        #expect(objects[0]["data", "f"] == 1.5)
        #expect(objects[0]["data", "e"] == .null)
        #expect(objects[0]["data", "when"] == "2024-01-02")
        #expect(objects[1].labels == ["x": "1"])
        for text in ["a: 1", "- 1", "a: [", "kind: Pod"] {
            #expect(throws: ManifestTextError.self, "\(text)") { try KubernetesObject.documents(yaml: text) }
        }
    }

    @Test func anObjectIsReadAndChangedByPaths() {
        var object = KubernetesObject(apiVersion: "v1", kind: "Pod", name: "p")
        object["spec", "a", "b"] = 1
        object["spec", "none", "b"] = nil
        #expect(object["spec"] == ["a": ["b": 1]])
        object["spec", "a", "b"] = nil
        #expect(object["spec", "a"] == [:])
        object.labels = ["b": "2", "a": "1"]
        #expect(object.labels == ["a": "1", "b": "2"])
        #expect(object["metadata", "name", "deeper"] == nil)
    }

    @Test func momentsAreWrittenAsTheAPIReadsThem() throws {
        let date = Date(timeIntervalSince1970: 1_700_000_000.25)
        #expect(Timestamp.seconds(date) == "2023-11-14T22:13:20Z")
        #expect(Timestamp.microseconds(date) == "2023-11-14T22:13:20.250000Z")
        #expect(Timestamp.parse("2023-11-14T22:13:20.250000Z") == date)
        #expect(Timestamp.parse("2023-11-14T22:13:20Z") == Date(timeIntervalSince1970: 1_700_000_000))
        #expect(Timestamp.parse("yesterday") == nil)
    }
}
