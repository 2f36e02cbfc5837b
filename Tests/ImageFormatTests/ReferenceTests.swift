import ImageFormat
import JSON
import Testing

@Suite struct ReferenceTests {
    private static let digest = "sha256:" + String(repeating: "a", count: 64)

    @Test(arguments: [
        ("localhost:5000/shop/catalog:v1", "localhost:5000", "shop/catalog", "v1"),
        ("debian:bookworm-slim", "registry-1.docker.io", "library/debian", "bookworm-slim"),
        ("docker.io/grafana/k6", "registry-1.docker.io", "grafana/k6", "latest"),
        ("ghcr.io/a/b/c@\(digest)", "ghcr.io", "a/b/c", digest),
        ("gcr.io/distroless/base:x@\(digest)", "gcr.io", "distroless/base", digest),
    ])
    func isReadAsDockerReadsIt(_ text: String, _ registry: String, _ repository: String, _ revision: String) throws {
        let reference = try ImageReference(text)
        #expect(reference.registry == registry)
        #expect(reference.repository == repository)
        #expect(reference.revision == revision)
    }

    @Test(arguments: [
        "", "Shop/Catalog", "localhost:5000/", "a/b:", "a/b:ü", "a//b", "a/b@sha256:12", "-a",
        "a/b:" + String(repeating: "x", count: 129),
        "https://localhost:5000/a",
    ])
    func whatIsNoneIsRefused(_ text: String) {
        #expect(throws: ReferenceError.self) { try ImageReference(text) }
    }

    @Test func knowsAmazonsRegistriesAndLoopback() throws {
        #expect(
            try ImageReference("123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop/a").ecrRegion == "eu-central-1"
        )
        #expect(try ImageReference("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/shop/a").ecrRegion == "cn-north-1")
        #expect(try ImageReference("ecr.example.com/a").ecrRegion == nil)
        #expect(try ImageReference("127.0.0.1:5000/a").isOnLoopback)
        #expect(try !ImageReference("registry.example.com/a").isOnLoopback)
    }

    @Test func challengesAreRead() {
        #expect(Challenge("Basic realm=\"x\"") == .basic)
        #expect(
            Challenge("Bearer realm=\"https://a.example/token\",service=\"s, t\", scope=\"repository:a/b:pull,push\"")
                == .bearer(realm: "https://a.example/token", service: "s, t", scope: "repository:a/b:pull,push")
        )
        #expect(
            Challenge("bearer realm=https://a.example") == .bearer(realm: "https://a.example", service: nil, scope: nil)
        )
        #expect(Challenge("Negotiate abc") == nil)
        #expect(Challenge("Bearer service=\"s\"") == nil)
    }

    @Test func storedCredentialsAreFoundAsDockerFindsThem() throws {
        let document: JSONValue = [
            "auths": [
                "localhost:5000": ["auth": "dXNlcjpwYTpzcw=="], "https://index.docker.io/v1/": ["identitytoken": "t"],
                "empty.example": [:],
            ],
            "credHelpers": ["helped.example": "pass"], "credsStore": "desktop",
        ]
        let configuration = DockerConfiguration(document)
        #expect(configuration.entry(for: "localhost:5000") == .credentials(.password(user: "user", password: "pa:ss")))
        #expect(configuration.entry(for: "registry-1.docker.io") == .credentials(.refreshToken("t")))
        #expect(configuration.entry(for: "helped.example") == .helper("pass"))
        #expect(configuration.entry(for: "empty.example") == .helper("desktop"))
        #expect(DockerConfiguration([:]).entry(for: "a.example") == nil)
        #expect(
            DockerConfiguration.credentials(ofHelper: ["Username": "<token>", "Secret": "x"]) == .refreshToken("x")
        )
    }
}
