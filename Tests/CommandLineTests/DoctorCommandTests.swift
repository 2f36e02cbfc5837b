import Foundation
import JSON
import Testing

@Suite struct DoctorCommandTests {
    /// A project in which everything is right that needs no server.
    private func project(manifest: String? = nil, image: String = digest) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.write("functions.yaml", manifest ?? Self.manifest)
        try folder.write(
            ".build/release/catalog",
            "#!/bin/sh\necho '{\"module\":\"catalog\",\"protocol\":1,\"handlers\":[\"ListProducts\"]}'\n",
            isExecutable: true
        )
        try folder.write(
            "k8s/overlays/eks/images/catalog/kustomization.yaml",
            "images:\n  - name: catalog\n    \(image)\n"
        )
        return folder
    }

    private static let manifest = """
        version: 1
        service: shop
        functions:
          list-products: { module: catalog, handler: ListProducts, route: GET /api/products }

        """
    private static let digest = "digest: sha256:\(String(repeating: "0a", count: 32))"

    /// What was found of one area: the states and the fixes, in order.
    private func found(_ area: String, in json: JSONValue) -> [(state: String?, fix: String?)] {
        (json["findings"]?.arrayValue ?? []).filter { $0["area"]?.stringValue == area }.map {
            ($0["state"]?.stringValue, $0["fix"]?.stringValue)
        }
    }

    @Test func whatIsRightIsSaidAndWhatIsNotThereIsSkipped() throws {
        var shopfn = Shopfn(folder: try project())
        shopfn.environment["PATH"] = "/nowhere"
        let result = try shopfn("doctor", "--output", "json")
        #expect(result.status == 0, "\(result.text)\(result.errors)")
        let json = try result.json()
        #expect(json["wrong"] == 0)
        for area in ["manifest", "environment", "modules", "images"] {
            #expect(found(area, in: json).map(\.state) == ["right"], "\(area)")
        }
        #expect(found("valkey", in: json).map(\.state) == ["skipped"])
        #expect(found("cluster", in: json).map(\.state) == ["skipped"])
    }

    @Test func aMissingVariableIsOfTheEnvironmentAndTheEndIsTwo() throws {
        let manifest = Self.manifest.replacing(
            "GET /api/products",
            with: "GET /api/products, environment: { A: \"${NOT_SET_ANYWHERE}\" }"
        )
        let shopfn = Shopfn(folder: try project(manifest: manifest))
        let result = try shopfn("doctor", "--output", "json")
        #expect(result.status == 2)
        let finding = try #require(found("environment", in: try result.json()).first)
        #expect(finding.state == "wrong" && finding.fix != nil)
    }

    @Test func aModuleThatIsNotBuiltIsOfTheModules() throws {
        let folder = try project()
        try FileManager.default.removeItem(at: folder.url.appending(path: ".build/release/catalog"))
        let result = try Shopfn(folder: folder)("doctor", "--modules", ".build/release", "--output", "json")
        #expect(result.status == 2)
        #expect(found("modules", in: try result.json()).map(\.state) == ["wrong"])
    }

    @Test func aValkeyThatDoesNotAnswerEndsWithThree() throws {
        var shopfn = Shopfn(folder: try project())
        // Port 1 of loopback: nobody may listen there but root, and nobody does.
        shopfn.environment["VALKEY_URL"] = "valkey://127.0.0.1:1"
        let result = try shopfn("doctor", "--output", "json")
        #expect(result.status == 3)
        let finding = try #require(found("valkey", in: try result.json()).first)
        #expect(finding.state == "wrong" && finding.fix?.contains("VALKEY_URL") == true)
    }

    @Test func aValkeyURLThatIsNoneEndsWithTwoAndDoesNotShowThePassword() throws {
        var shopfn = Shopfn(folder: try project())
        shopfn.environment["VALKEY_URL"] = "http://user:geheim@127.0.0.1"
        let result = try shopfn("doctor")
        #expect(result.status == 2)
        #expect(!result.text.contains("geheim") && result.text.contains("WRONG    valkey:"))
    }

    @Test(arguments: [
        ("digest: latest", "set_digests"), ("digest: sha256:0a", "set_digests"),
    ])
    func anImageWithoutItsDigestIsWrong(image: String, fix: String) throws {
        let result = try Shopfn(folder: try project(image: image))("doctor", "--output", "json")
        #expect(result.status == 3)
        let finding = try #require(found("images", in: try result.json()).first)
        #expect(finding.state == "wrong" && finding.fix?.contains(fix) == true)
    }

    @Test func beforeTheFirstDeliveryNoImageIsWrong() throws {
        let folder = try project(image: "newTag: none")
        let nothing = try Shopfn(folder: folder)("doctor", "--output", "json")
        #expect(nothing.status == 0)
        #expect(found("images", in: try nothing.json()).map(\.state) == ["skipped"])
        try folder.write(
            "k8s/overlays/eks/images/cart/kustomization.yaml",
            "images:\n  - name: cart\n    \(Self.digest)\n"
        )
        let some = try Shopfn(folder: folder)("doctor", "--output", "json")
        #expect(some.status == 3)
        let findings = found("images", in: try some.json())
        #expect(findings.map(\.state) == ["right", "wrong"] && findings.last?.fix?.contains("deliver") == true)
    }

    @Test func aClusterThatWasAskedForMustBeThere() throws {
        var shopfn = Shopfn(folder: try project())
        shopfn.environment["PATH"] = "/nowhere"
        let result = try shopfn("doctor", "--context", "shop-dev", "--output", "json")
        #expect(result.status == 3)
        #expect(found("cluster", in: try result.json()).first?.fix?.contains("kubernetes.io") == true)
    }

    /// `kubectl` with the answers of a cluster: what the command makes of them is its own, what they look like is not.
    @Test func podsThatWaitInVainAndRightsThatAreMissingAreNamed() throws {
        let folder = try project()
        try folder.write(
            "bin/kubectl",
            """
            #!/bin/sh
            case "$*" in
                *version*) echo '{"serverVersion":{"gitVersion":"v1.33.1"}}' ;;
                *"can-i patch deployments.apps"*scale*) echo no; exit 1 ;;
                *can-i*) echo yes ;;
                *"get pods"*) echo '{"items":[{"metadata":{"name":"get-cart-1"},"status":{"containerStatuses":[{"image":"a/cart","state":{"waiting":{"reason":"ImagePullBackOff"}}}]}},{"metadata":{"name":"new"},"status":{"containerStatuses":[{"state":{"waiting":{"reason":"ContainerCreating"}}}]}}]}' ;;
            esac
            """,
            isExecutable: true
        )
        var shopfn = Shopfn(folder: folder)
        shopfn.environment["PATH"] = "\(folder.url.path(percentEncoded: false))/bin:/usr/bin:/bin"
        let result = try shopfn("doctor", "--context", "test")
        #expect(result.status == 3)
        #expect(result.text.contains("WRONG    cluster: get-cart-1 waits with ImagePullBackOff, a/cart\n"))
        #expect(
            result.text.contains("WRONG    rights: you may not patch deployments.apps/scale in the namespace shop\n")
        )
        #expect(!result.text.contains("new waits"))
    }
}
