import JSON
import Kubernetes
import KubernetesTestSupport
import Manifest
import Rendering
import Testing

/// A real API server is asked whether it would take what is rendered.
@Suite(.enabled(if: ControlPlane.isAvailable, Comment(rawValue: ControlPlane.skipReason)))
struct ServerTests {
    private static let text = """
        version: 1
        service: shop
        functions:
          ask: { module: catalog, handler: Ask, route: GET /ask, scale: { min: 1, max: 4 } }
          clean: { module: catalog, handler: Clean, schedule: every 1m }
        """

    @Test(arguments: [RenderedTree.Overlay.local, .eks], RenderSettings.Scaler.allCases)
    func everyObjectIsTaken(_ overlay: RenderedTree.Overlay, _ scaler: RenderSettings.Scaler) async throws {
        let cluster = try await ControlPlane.shared()
        let namespace = try await cluster.makeNamespace()
        let reading = ManifestReading(SourceText(Array(Self.text.utf8), file: "f"), environment: { _ in nil })
        let manifest = try #require(reading.manifest, "\(reading.diagnostics)")
        let settings = RenderSettings(scaler: scaler, domain: "shop.example", namespace: namespace)
        let client = cluster.client(namespace: namespace)
        var missing: Set<String> = []
        for rendered in ShopObjects(manifest, settings: settings).documents(overlay, images: [:]) {
            do throws(KubernetesError) {
                try await take(KubernetesObject(json: rendered.json), client)
            } catch .unknownKind(_, let kind) {
                missing.insert(kind)
            } catch {
                Issue.record("\(error)")
            }
        }
        await client.close()
        // What KEDA and the ALB's controller bring is for the schemas' check.
        #expect(missing.isSubset(of: ["ScaledObject", "IngressClassParams"]), "\(missing)")
    }

    private func take(_ object: KubernetesObject, _ client: KubernetesClient) async throws(KubernetesError) {
        let options = WriteOptions(isDryRun: true)
        do throws(KubernetesError) {
            _ = try await client.apply(object, options: options)
        } catch .unknownKind("policy/v1", _) {
            // A server before 1.21 has the same under its former version.
            var former = object.value.objectValue ?? JSONObject()
            former["apiVersion"] = "policy/v1beta1"
            _ = try await client.apply(KubernetesObject(json: former), options: options)
        }
    }

    /// The server's words alone do not always tell what it is about.
    @Test func aRefusalNamesTheObject() async throws {
        let cluster = try await ControlPlane.shared()
        let client = cluster.client(namespace: "default")
        var service = KubernetesObject(apiVersion: "v1", kind: "Service", name: "broken")
        service["spec"] = ["ports": [["port": 80], ["port": "eighty"]]]
        let broken = service
        await #expect {
            _ = try await client.apply(broken, options: WriteOptions(isDryRun: true))
        } throws: {
            "\($0)".hasPrefix("the API server refused Service broken: ")
        }
        await client.close()
    }
}
