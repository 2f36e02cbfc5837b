import Deployment
import Foundation
import ImageFormat
import LoopbackTestSupport
import Testing

/// The client of registries against a real one.
@Suite(.enabled(if: RegistryServer.program != nil, RegistryServer.missing))
struct PushTests {
    private func layer(_ seed: UInt8, size: Int = 1_000) throws -> Layer {
        var state = UInt32(seed) &+ 1
        var archive = TarArchive()
        // What does not compress, so that it has the size that is meant.
        archive["file"] = .file(
            (0..<size).map { _ in
                state = state &* 1_664_525 &+ 1_013_904_223
                return UInt8(truncatingIfNeeded: state >> 24)
            },
            mode: 0o644
        )
        return try Layer(archive, comment: "test")
    }

    private func image(_ layers: [Layer], base: BaseImage? = nil) throws -> Image {
        try Image(
            base: base,
            layers: layers,
            settings: ImageSettings(entrypoint: ["/file"]),
            platform: Platform(architecture: "amd64")
        )
    }

    private func session(_ credentials: RegistryCredentials? = nil) -> RegistrySession {
        RegistrySession(usesPlainHTTP: false) { _ in credentials }
    }

    private func repository(_ name: String, of host: String, _ session: RegistrySession) throws -> Repository {
        Repository(try ImageReference("\(host)/\(name)"), session: session)
    }

    @Test func whatIsThereIsNotSentAgain() async throws {
        let server = try await RegistryServer()
        let session = session()
        let repository = try repository("shop/a", of: server.host, session)
        let image = try image([layer(1), layer(2)])
        let first = try await ImagePush(to: repository)(image, tag: "v1")
        #expect(first.steps.map(\.step) == [.sent, .sent, .sent])
        let second = try await ImagePush(to: repository)(image, tag: "v1")
        #expect(second.wasThere && second.sentBytes == 0)
        let other = try await ImagePush(to: repository)(self.image([layer(1), layer(3)]), tag: "v2")
        #expect(other.steps.map(\.step) == [.wasThere, .sent, .sent])
        // A layer another repository has is taken over from there.
        let sibling = try self.repository("shop/b", of: server.host, session)
        let third = try await ImagePush(to: sibling, sources: ["shop/none", "shop/a"])(image, tag: nil)
        #expect(third.steps.map(\.step).prefix(2) == [.mounted(from: "shop/a"), .mounted(from: "shop/a")])
        #expect(third.reference.tag == ImagePush.tag(of: image))
        #expect(try await sibling.manifest("sha256-\(image.digest.short)").digest == image.digest)
        await session.close()
    }

    @Test func aCutUploadGoesOnWhereItWasCut() async throws {
        let server = try await RegistryServer()
        let proxy = try HelperServer(["proxy", "\(server.port)", "3"])
        let session = session()
        let repository = try repository("shop/a", of: "127.0.0.1:\(proxy.port)", session)
        let image = try image([layer(7, size: 3_000_000)])
        let report = try await ImagePush(to: repository)(image, tag: "v1")
        #expect(report.steps.map(\.step) == [.sent, .sent])
        #expect(report.sentBytes > image.layers[0].descriptor.size, "nothing was cut")
        // The registry itself checks the digest of what came together.
        #expect(try await repository.blob(image.layers[0].descriptor).count == image.layers[0].descriptor.size)
        await session.close()
    }

    @Test func tokensAreAskedForWithTheRightsNeeded() async throws {
        let scratch = try Scratch()
        let made = try await Program.run(
            "/usr/bin/env",
            [
                "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=tests",
                "-keyout", scratch.path("key.pem"), "-out", scratch.path("cert.pem"),
            ]
        )
        try #require(made.status == 0, "openssl: \(made.errors)")
        let tokens = try HelperServer(["token", scratch.folder])
        let server = try await RegistryServer(
            settings: """
                auth:
                  token: {realm: "http://127.0.0.1:\(tokens.port)/token", service: tests, issuer: tests, \
                rootcertbundle: \(scratch.path("cert.pem"))}
                """
        )
        let image = try image([layer(1)])
        let allowed = session(.password(user: "user", password: "secret"))
        _ = try await ImagePush(to: repository("shop/a", of: server.host, allowed))(image, tag: "v1")
        // Taking over a layer needs rights on both repositories.
        let mounted = try await ImagePush(to: repository("shop/b", of: server.host, allowed), sources: ["shop/a"])(
            image,
            tag: "v1"
        )
        #expect(mounted.steps.first?.step == .mounted(from: "shop/a"))
        for credentials in [nil, RegistryCredentials.password(user: "user", password: "wrong")] {
            let refused = session(credentials)
            let repository = try repository("shop/c", of: server.host, refused)
            let error = await #expect(throws: RegistryError.self) {
                try await ImagePush(to: repository)(image, tag: "v1")
            }
            guard case .unauthorized(_, _, let had) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(had == (credentials != nil))
            await refused.close()
        }
        await allowed.close()
    }

    @Test func aBaseIsPulledAndItsLayersComeAlong() async throws {
        let (from, to) = (try await RegistryServer(), try await RegistryServer())
        let session = session()
        let lower = try image([layer(1), layer(2)])
        let source = try repository("base/os", of: from.host, session)
        _ = try await ImagePush(to: source)(lower, tag: "latest")
        let base = try await ImagePull.base(source, for: Platform(architecture: "amd64"))
        let upper = try image([layer(3)], base: base)
        #expect(upper.layers.count == 3)
        // To the same registry they are taken over, to another they are carried.
        let near = try await ImagePush(to: repository("shop/a", of: from.host, session), base: source)(upper, tag: "v1")
        #expect(near.steps.map(\.step) == [.mounted(from: "base/os"), .mounted(from: "base/os"), .sent, .sent])
        let far = try await ImagePush(to: repository("shop/a", of: to.host, session), base: source)(upper, tag: "v1")
        #expect(far.steps.map(\.step) == [.sent, .sent, .sent, .sent])
        await #expect(throws: ImageError.self) {
            try await ImagePull.base(source, for: Platform(architecture: "arm64"))
        }
        await session.close()
    }

    @Test func aRegistryThatIsNotThereIsUnreachable() async throws {
        let session = session()
        let repository = try repository("a", of: "127.0.0.1:\(freePort())", session)
        let error = await #expect(throws: RegistryError.self) { try await repository.manifest("latest") }
        #expect(error?.description.contains("cannot be used") == true)
        await session.close()
    }
}
