import Foundation
import JSON
import Testing

/// `shopfn image` as it is used, and what others make of its images.
@Suite struct ImageCommandTests {
    private static let manifest = """
        version: 1
        service: shop
        functions:
          ask: { module: probe, handler: Echo, route: GET /ask }

        """

    private func project() throws -> Scratch {
        let scratch = try Scratch()
        try scratch.write("functions.yaml", Self.manifest)
        return scratch
    }

    @Test func isReproducibleAndSmall() async throws {
        let project = try project()
        let first = try await Program.shopfn(
            ["image", "probe", "--output", "a.tar", "--output", "json"],
            in: project.folder
        )
        try #require(first.status == 0, "\(first.errors)")
        let second = try await Program.shopfn(["image", "ask", "--output", "b.tar"], in: project.folder)
        #expect(second.status == 0)
        let files = ["a.tar", "b.tar"].map { FileManager.default.contents(atPath: project.path($0)) }
        #expect(files[0] != nil && files[0] == files[1])
        let report = try first.json()
        #expect(try #require(report["unpackedBytes"]?.intValue) < 60_000_000)
        #expect(report["platform"]?.stringValue?.hasPrefix("linux/") == true)
        // As a folder it is the same image.
        let folder = try await Program.shopfn(
            ["image", "probe", "--output", "c", "--output", "json"],
            in: project.folder
        )
        #expect(try folder.json()["digest"] == report["digest"])
        #expect(FileManager.default.fileExists(atPath: project.path("c/oci-layout")))
    }

    /// Gateway, autoscaler, scheduler and KEDA's scaler run from it.
    @Test func thatOfShopfnItselfIsSmallToo() async throws {
        let project = try project()
        let made = try await Program.shopfn(
            ["image", "shopfn", "--output", "a", "--output", "json"],
            in: project.folder
        )
        try #require(made.status == 0, "\(made.errors)")
        #expect(try #require(made.json()["unpackedBytes"]?.intValue) < 60_000_000)
    }

    @Test func leavesAloneWhatIsNoImage() async throws {
        let project = try project()
        try project.write("out/notes.txt", "mine")
        let result = try await Program.shopfn(["image", "probe", "--output", "out"], in: project.folder)
        #expect(result.status == 2)
        #expect(result.errors.contains("is no image layout"))
        #expect(FileManager.default.fileExists(atPath: project.path("out/notes.txt")))
    }

    @Test(arguments: [
        (["image", "nothing"], 2, "has no module and no function 'nothing'"),
        (["image", "probe", "--platform", "linux/s390x"], 2, "not for linux/s390x"),
        (["image", "probe", "--platform", "amd64"], 2, "is no platform"),
        (["image", "probe", "--push", "UPPER/case"], 2, "names no repository"),
        (["image", "probe", "--label", "x"], 2, "is no label"),
        (["image", "probe", "--push", "127.0.0.1:1/a"], 3, "cannot be used"),
        (["image", "probe", "--modules", "/nonexistent"], 2, "is not built"),
        (["image", "probe", "--root", "/nonexistent"], 2, "is not on this machine"),
    ])
    func saysWhatIsWrong(_ arguments: [String], _ status: Int32, _ words: String) async throws {
        let project = try project()
        defer { withExtendedLifetime(project) {} }
        let result = try await Program.shopfn(arguments, in: project.folder)
        #expect(result.status == status)
        #expect(result.errors.contains(words), "\(result.errors)")
        #expect(result.errors.split(separator: "\n").count == 1, "one line: \(result.errors)")
    }

    @Test(.enabled(if: RegistryServer.program != nil, RegistryServer.missing))
    func credentialsComeFromTheDockerConfiguration() async throws {
        let project = try project()
        // What `htpasswd -B` made of user:secret.
        try project.write("htpasswd", "user:$2b$05$yCFwfYRIjso2WvNC23.v9.gjMeo/j5TJ2on1FB8zeA6ImO56uVe2e\n")
        let server = try await RegistryServer(
            settings: "auth: {htpasswd: {realm: tests, path: \(project.path("htpasswd"))}}"
        )
        let push = ["image", "probe", "--push", "\(server.host)/shop/probe:v1"]
        let without = try await Program.shopfn(push, in: project.folder, environment: ["HOME": project.folder])
        #expect(without.status == 3)
        #expect(without.errors.contains("wants credentials"))
        let packed = Data("user:secret".utf8).base64EncodedString()
        try project.write(".docker/config.json", #"{"auths": {"\#(server.host)": {"auth": "\#(packed)"}}}"#)
        let with = try await Program.shopfn(push, in: project.folder, environment: ["HOME": project.folder])
        #expect(with.status == 0, "\(with.errors)")
        // A helper goes before what is written.
        try project.write(
            "bin/docker-credential-test",
            "#!/bin/sh\nread host\n[ \"$host\" = \(server.host) ] && echo '{\"Username\": \"user\", \"Secret\": \"secret\"}'\n"
        )
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755],
            ofItemAtPath: project.path("bin/docker-credential-test")
        )
        try project.write(".docker/config.json", #"{"credHelpers": {"\#(server.host)": "test"}}"#)
        let path = "\(project.path("bin")):\(ProcessInfo.processInfo.environment["PATH"] ?? "")"
        let helped = try await Program.shopfn(
            ["image", "probe", "--push", "\(server.host)/shop/other:v1"],
            in: project.folder,
            environment: ["HOME": project.folder, "PATH": path]
        )
        #expect(helped.status == 0, "\(helped.errors)")
    }

    @Test(.enabled(if: Program.find("skopeo") != nil, "skopeo is not installed: apt install skopeo"))
    func skopeoReadsIt() async throws {
        let project = try project()
        let made = try await Program.shopfn(
            ["image", "probe", "--output", "a.tar", "--output", "json"],
            in: project.folder
        )
        let skopeo = try #require(Program.find("skopeo"))
        let seen = try await Program.run(skopeo, ["inspect", "oci-archive:\(project.path("a.tar"))"])
        try #require(seen.status == 0, "\(seen.errors)")
        #expect(try seen.json()["Digest"] == made.json()["digest"])
        // Copying unpacks, checks and packs every layer.
        let copied = try await Program.run(
            skopeo,
            ["--insecure-policy", "copy", "oci-archive:\(project.path("a.tar"))", "dir:\(project.path("copy"))"]
        )
        #expect(copied.status == 0, "\(copied.errors)")
    }

    /// Whether a container can be run here; an image that runs nothing is no measure of that.
    private static let podman: String? = {
        guard ProcessInfo.processInfo.environment["SHOPFN_TEST_PODMAN"] != "0" else { return nil }
        return getuid() == 0 && Program.find("runc") != nil ? Program.find("podman") : nil
    }()

    @Test(
        .enabled(
            if: podman != nil,
            "podman and runc are not installed, or nobody here is root: apt install podman runc"
        )
    )
    func podmanRunsItWithoutRightsAndReadOnly() async throws {
        let project = try project()
        let podman = try #require(Self.podman)
        let made = try await Program.shopfn(["image", "probe", "--output", "a.tar"], in: project.folder)
        try #require(made.status == 0)
        let options = [
            "--runtime", "runc", "--root", project.path("storage"), "--runroot", project.path("run"),
            "--storage-driver", "vfs", "--cgroup-manager", "cgroupfs",
        ]
        let loaded = try await Program.run(podman, options + ["load", "--input", project.path("a.tar")])
        try #require(loaded.status == 0, "\(loaded.errors)")
        let ran = try await Program.run(
            podman,
            options + [
                "run", "--rm", "--network", "none", "--read-only", "--cap-drop", "all", "--ulimit", "nofile=1024:1024",
                "--ulimit", "nproc=1000:1000", "localhost/probe:latest", "--describe",
            ]
        )
        #expect(ran.status == 0, "\(ran.errors)")
        #expect(try ran.json()["module"] == "probe")
    }
}
