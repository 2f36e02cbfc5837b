import JSON
import Manifest
import PythonTestSupport
import Rendering
import Testing

@Suite struct RenderingTests {
    private func manifest(_ functions: String) throws -> Manifest {
        let text = "version: 1\nservice: shop\nfunctions:\n" + functions
        return try #require(
            ManifestReading(SourceText(Array(text.utf8), file: "f"), environment: { _ in nil }).manifest
        )
    }

    private static let functions = """
          ask: { module: catalog, handler: Ask, route: "GET /ask/{id}", memory: 200MB, environment: { A: "yes", B: "$$x" } }
          clean:
            module: catalog
            handler: Clean
            schedule: { cron: "0 3 * * *", timezone: Europe/Berlin }
            timeout: 90s
            scale: { min: 1, max: 4, policy: rate, target: 2.5, stable: 30s,
                     schedule: [{ start: "0 8 * * *", end: "0 18 * * *", timezone: Europe/Berlin, min: 2 }] }

        """

    /// Reading what gateways are given gives the same functions, but for their environment.
    @Test func theManifestComesThroughWhole() throws {
        let before = try manifest(Self.functions)
        let text = ManifestText.text(before)
        let reading = ManifestReading(SourceText(Array(text.utf8), file: "f"), environment: { _ in nil })
        let after = try #require(reading.manifest, "\(reading.diagnostics)")
        var expected = before
        for index in expected.functions.indices { expected.functions[index].environment = [] }
        #expect(after == expected)
        #expect(!text.contains("$x"))
    }

    private static let texts = [
        "plain", "yes", "No", "null", "~", "1", "1.5", "1e3", "0x10", "12:30", "- x", "a: b", "#c", "a #b", "", " x",
        "x ",
        "über", "\"q\"", "'q'", "line\nline\n", "tab\there\n", "{a}", "[a]", "&a", "*a", "!a", "%a", "@a", "`a", "50m",
        "y",
        "back\\slash", "two\n\nlines\n", " led\nby space\n", "dns:///gateways:7070", "=",
    ]

    private static let python = Python.having("yaml")

    /// What is written plainly or in quotes is read back as it was, by a reader that is not ours.
    @Test(.enabled(if: python != nil, "there is no Python with PyYAML; 'scripts/ensure python' makes one"))
    func textsAreReadBackAsTheyWere() throws {
        let values = Self.texts.map { text -> JSONValue in
            ["a": .string(text), "b": [.string(text)], "c": [["d": .string(text)]]]
        }
        let written = values.map { YAMLWriter.text($0) }
        let script = "import json, sys, yaml; print(json.dumps([yaml.safe_load(t) for t in json.load(sys.stdin)]))"
        let input = "\(JSONValue.array(written.map { .string($0) }))"
        let (status, output) = try Python.run(try #require(Self.python), ["-c", script], input: input)
        #expect(status == 0)
        let read = try JSONValue(parsing: Array(output.utf8)).arrayValue ?? []
        #expect(read.count == values.count)
        for (index, value) in read.enumerated() { #expect(value == values[index], "\(written[index])") }
    }

    @Test func aPoolHasNoNumberOfPodsAndTheManifestsLimits() throws {
        let function = try #require(try manifest(Self.functions).functions.first)
        let object = WorkerObjects(service: "shop").deployment(function, image: "r/catalog@sha256:1").json
        #expect(object["spec"]?["replicas"] == nil)
        let pod = object["spec"]?["template"]?["spec"]
        let container = pod?["containers"]?[0]
        #expect(container?["image"] == "r/catalog@sha256:1")
        #expect(container?["resources"]?["limits"]?["memory"] == "200000000")
        #expect(container?["env"]?[1] == ["name": "B", "value": "$x"])
        #expect(pod?["securityContext"]?["runAsNonRoot"] == true)
        #expect(pod?["automountServiceAccountToken"] == false)
        #expect(container?["args"]?.arrayValue?.contains("Ask") == true)
    }

    @Test func aLongTimeoutGivesALongGrace() throws {
        let function = try #require(try manifest(Self.functions).function(named: "clean"))
        let pod = WorkerObjects(service: "shop").deployment(function).json["spec"]?["template"]?["spec"]
        #expect(pod?["terminationGracePeriodSeconds"] == 100)
        #expect(pod?["containers"]?[0]?["args"]?.arrayValue?.suffix(2) == ["--grace", "95"])
    }

    @Test func kedaReplacesTheAutoscaler() throws {
        let shop = ShopObjects(try manifest(Self.functions), settings: RenderSettings(scaler: .keda))
        let documents = shop.documents(.eks, images: [:])
        #expect(documents.contains { $0.kind == "ScaledObject" && $0.name == "clean" })
        #expect(documents.contains { $0.kind == "Deployment" && $0.name == "shop-keda-scaler" })
        #expect(!documents.contains { $0.name == "autoscaler" })
        let scaled = try #require(documents.first { $0.kind == "ScaledObject" && $0.name == "clean" })
        #expect(scaled.json["spec"]?["minReplicaCount"] == 1 && scaled.json["spec"]?["maxReplicaCount"] == 4)
        // What policies learn is kept in a ConfigMap, and the scaler may do nothing else.
        let pod = try #require(documents.first { $0.kind == "Deployment" && $0.name == "shop-keda-scaler" })
            .json["spec"]?["template"]?["spec"]
        let arguments = pod?["containers"]?[0]?["args"]?.arrayValue ?? []
        let state = try #require(arguments.firstIndex(of: "--state").map { arguments[$0 + 1] })
        let rules = documents.first { $0.kind == "Role" && $0.name == "shop-keda-scaler" }?.json["rules"]?.arrayValue
        #expect(rules?.count == 2 && rules?.allSatisfy { $0["resources"] == ["configmaps"] } == true)
        #expect(rules?.last?["resourceNames"] == [state] && rules?.last?["verbs"] == ["get", "patch"])
        let way = documents.first { $0.kind == "NetworkPolicy" && $0.name == "scaler-answers-keda" }
        #expect(way.map { YAMLWriter.text(.object($0.json)).contains("6443") } == true)
    }

    @Test func theLoadBalancerAsksForHealthFromItsRangesAlone() throws {
        var settings = RenderSettings()
        func outside() throws -> [JSONValue] {
            let documents = ShopObjects(try manifest(Self.functions), settings: settings).documents(.eks, images: [:])
            return documents.filter { $0.kind == "NetworkPolicy" }
                .flatMap { $0.json["spec"]?["ingress"]?.arrayValue ?? [] }
                .flatMap { $0["from"]?.arrayValue ?? [] }.compactMap { $0["ipBlock"]?["cidr"] }
        }
        #expect(try outside() == ["10.20.192.0/20", "10.20.208.0/20", "10.20.224.0/20"])
        settings.loadBalancer = try #require(AddressRange.list("192.168.0.0/24,10.1.2.3/32"))
        #expect(try outside() == ["192.168.0.0/24", "10.1.2.3/32"])
        for range in ["0.0.0.0/0", "255.255.255.255/32", "10.20.192.0/20", "128.0.0.0/1"] {
            #expect(AddressRange(range)?.description == range)
        }
        for wrong in [
            "", "/", "10.0.0.0", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8/8", "10.0.0/8", "10.0.0.0.0/8",
            "10.0.0.256/32",
            "10.0.0.1/24", "128.0.0.0/0", "010.0.0.0/8", "+1.0.0.0/8", "10.0.0.0/08", " 10.0.0.0/8", "::/0",
        ] { #expect(AddressRange(wrong) == nil, "\(wrong)") }
        #expect(AddressRange.list("10.0.0.0/8,") == nil)
    }

    /// Under KEDA, where no autoscaler keeps the schedules; only where there are any.
    @Test func aSchedulerStandsBesideKedaWhereFunctionsHaveSchedules() throws {
        func documents(_ scaler: RenderSettings.Scaler, _ functions: String) throws -> [RenderedObject] {
            ShopObjects(try manifest(functions), settings: RenderSettings(scaler: scaler)).documents(.eks, images: [:])
        }
        let kinds: Set = ["ServiceAccount", "Role", "RoleBinding", "Deployment", "PodDisruptionBudget"]
        let keda = try documents(.keda, Self.functions)
        #expect(Set(keda.filter { $0.name == "scheduler" }.map(\.kind)) == kinds)
        let pod = try #require(keda.first { $0.kind == "Deployment" && $0.name == "scheduler" })
            .json["spec"]?["template"]?["spec"]
        #expect(pod?["containers"]?[0]?["args"]?.arrayValue?.first == "scheduler")
        #expect(pod?["automountServiceAccountToken"] == true)
        let rules = keda.first { $0.kind == "Role" && $0.name == "scheduler" }?.json["rules"]?.arrayValue ?? []
        #expect(rules.count == 2 && rules.allSatisfy { $0["resources"] == ["leases"] })
        let gateways = keda.first { $0.name == "gateways-take-requests" }
        #expect(gateways.map { YAMLWriter.text(.object($0.json)).contains("component: scheduler") } == true)
        #expect(keda.contains { $0.kind == "NetworkPolicy" && $0.name == "scheduler-connects-out" })

        let asked = "  ask: { module: catalog, handler: Ask, route: GET /ask }\n"
        #expect(try !documents(.keda, asked).contains { $0.name.hasPrefix("scheduler") })
        #expect(try !documents(.shopfn, Self.functions).contains { $0.name.hasPrefix("scheduler") })
    }

    @Test func aChangeOfAFunctionRollsTheScalerAndNoGateway() throws {
        func template(_ name: String, _ functions: String) throws -> JSONValue? {
            let shop = ShopObjects(try manifest(functions))
            return shop.documents(.eks, images: [:]).first { $0.kind == "Deployment" && $0.name == name }?
                .json["spec"]?["template"]
        }
        let changed = Self.functions.replacing("max: 4", with: "max: 5")
        #expect(try template("autoscaler", Self.functions) != template("autoscaler", changed))
        #expect(try template("gateway", Self.functions) == template("gateway", changed))
        #expect(try template("ask", Self.functions) == template("ask", changed))
    }

    @Test func pinsAreWrittenAndReadBack() throws {
        let pin = ImagePin(
            module: "catalog",
            repository: "r.example.com/shop/catalog",
            digest: "sha256:" + String(repeating: "a", count: 64),
            source: String(repeating: "b", count: 40)
        )
        #expect(ImagePin(reading: pin.componentText) == pin)
        let manifest = try manifest(Self.functions)
        let file = RenderedTree.eksFunctionFile(try #require(manifest.functions.first), pin: pin)
        #expect(ImagePin(reading: file) == pin)
        let tree = RenderedTree(ShopObjects(manifest), pins: ["ask": pin])
        #expect(tree.files.first { $0.path == RenderedTree.eksFunctionPath("ask") }?.text == file)
    }
}
