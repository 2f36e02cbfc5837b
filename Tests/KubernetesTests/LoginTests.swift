import Foundation
import HTTPTransfer
import JSON
import Kubernetes
import KubernetesTestSupport
import Testing

@Suite(.enabled(if: ControlPlane.isAvailable, Comment(rawValue: ControlPlane.skipReason)))
struct LoginTests {
    private static let reads: JSONValue = [
        "apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list"],
    ]

    @Test func aRoleAllowsWhatItSaysAndNoMore() async throws {
        let cluster = try await ControlPlane.shared()
        let namespace = try await cluster.makeNamespace()
        let token = try await cluster.makeAccount("reader", in: namespace, rules: [Self.reads])
        let client = cluster.client(.token(token), namespace: namespace)
        #expect(try await client.list(.configMaps).items.isEmpty)
        await #expect { _ = try await client.list(.secrets) } throws: { error in
            let error = error as? KubernetesError
            return error?.isForbidden == true
                && error?.description.contains("system:serviceaccount:\(namespace):reader") == true
        }
        await client.close()
        let nobody = cluster.client(.token("wrong"), namespace: namespace)
        await #expect { _ = try await nobody.list(.configMaps) } throws: {
            ($0 as? KubernetesError)?.isUnauthorized == true
        }
        await nobody.close()
    }

    @Test func aTokenThatIsReplacedInItsFileIsTakenUp() async throws {
        let cluster = try await ControlPlane.shared()
        let namespace = try await cluster.makeNamespace()
        let folder = try Folder()
        let good = try await cluster.makeAccount("reader", in: namespace, rules: [Self.reads])
        let file = try folder.write(good, to: "token")
        let client = cluster.client(.tokenFile(file), namespace: namespace)
        _ = try await client.list(.configMaps)
        // The account is made anew: the server refuses tokens of the old one, as it does those that have run out.
        let admin = cluster.client(namespace: namespace)
        try await admin.delete(.serviceAccounts, "reader")
        _ = try await admin.create(KubernetesObject(apiVersion: "v1", kind: "ServiceAccount", name: "reader"))
        try await waitUntil("for the old token to be refused") {
            do {
                _ = try await client.list(.configMaps)
                return false
            } catch let error as KubernetesError {
                return error.isUnauthorized
            }
        }
        try folder.write(try await cluster.token(of: "reader", in: namespace) + "\n", to: "token")
        #expect(try await client.list(.configMaps).items.isEmpty)
        await admin.close()
        await client.close()
    }

    @Test func aPluginGivesATokenForAWhile() async throws {
        let cluster = try await ControlPlane.shared()
        let namespace = try await cluster.makeNamespace()
        let token = try await cluster.makeAccount("reader", in: namespace, rules: [Self.reads])
        let folder = try Folder()
        // Counts how often it runs; the expiry it gives is what the file says.
        try folder.write(
            """
            #!/bin/sh
            echo x >> "$COUNT"
            case "$KUBERNETES_EXEC_INFO" in *"$1"*) ;; *) exit 3 ;; esac
            printf '{"apiVersion":"client.authentication.k8s.io/v1beta1","kind":"ExecCredential","status":'
            printf '{"token":"%s","expirationTimestamp":"%s"}}' "\(token)" "$(cat "$EXPIRY")"
            """,
            to: "plugin",
            executable: true
        )
        let expiry = try folder.write(Timestamp.seconds(Date() + 3_600), to: "expiry")
        let kubeconfig = try folder.write(
            """
            current-context: c
            contexts: [{ name: c, context: { cluster: c, user: u, namespace: \(namespace) } }]
            clusters: [{ name: c, cluster: { server: "\(cluster.server)", certificate-authority: \(cluster.folder)/ca.pem } }]
            users:
              - name: u
                user:
                  exec:
                    apiVersion: client.authentication.k8s.io/v1beta1
                    command: ./plugin
                    args: ["\(cluster.server)"]
                    env: [{ name: COUNT, value: "\(folder.path)/count" }, { name: EXPIRY, value: "\(expiry)" }]
                    provideClusterInfo: true
                    interactiveMode: IfAvailable
            """,
            to: "kubeconfig"
        )
        func runs() -> Int { (try? String(contentsOfFile: "\(folder.path)/count", encoding: .utf8))?.count ?? 0 }
        let client = KubernetesClient(try .load(kubeconfig: kubeconfig, environment: [:]))
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { _ = try? await client.list(.configMaps) } }
        }
        _ = try await client.list(.configMaps)
        #expect(runs() == 2, "two bytes for the one run that all share")
        await client.close()

        // What has all but run out is not used again.
        try folder.write(Timestamp.seconds(Date() + 10), to: "expiry")
        let hasty = KubernetesClient(try .load(kubeconfig: kubeconfig, environment: [:]))
        _ = try await hasty.list(.configMaps)
        _ = try await hasty.list(.configMaps)
        #expect(runs() == 6)
        await hasty.close()

        try folder.write("#!/bin/sh\nexit 7\n", to: "plugin", executable: true)
        let broken = KubernetesClient(try .load(kubeconfig: kubeconfig, environment: [:]))
        await #expect { _ = try await broken.list(.configMaps) } throws: {
            "\($0)".contains("failed with exit code 7")
        }
        await broken.close()
    }

    @Test func aServersCertificateIsChecked() async throws {
        let cluster = try await ControlPlane.shared()
        var configuration = cluster.configuration()
        configuration.authorities = nil
        let client = KubernetesClient(configuration)
        await #expect { _ = try await client.serverVersion() } throws: {
            if case .transfer(.tls) = $0 as? KubernetesError { true } else { false }
        }
        await client.close()
        // By another name than the URL's, connected to at the URL's address.
        configuration = cluster.configuration()
        configuration.serverName = "kubernetes.default.svc"
        let named = KubernetesClient(configuration)
        #expect(try await named.serverVersion().hasPrefix("v1."))
        await named.close()
        configuration.serverName = "elsewhere.example"
        let wrong = KubernetesClient(configuration)
        await #expect { _ = try await wrong.serverVersion() } throws: {
            if case .transfer(.tls) = $0 as? KubernetesError { true } else { false }
        }
        await wrong.close()
        // Certificates as text, as a kubeconfig holds them.
        func text(_ name: String) throws -> HTTPClientConfiguration.PEM {
            .text([UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(cluster.folder)/\(name)"))))
        }
        configuration = cluster.configuration(.certificate(try text("admin.pem"), key: try text("admin.key")))
        configuration.authorities = try text("ca.pem")
        let inline = KubernetesClient(configuration)
        #expect(try await inline.list(.namespaces).items.isEmpty == false)
        await inline.close()
    }
}
