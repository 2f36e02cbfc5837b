import Foundation
import Testing

/// Delivery through Git: what is written, what is committed, what stays.
@Suite(.enabled(if: Program.find("git") != nil, "git is not installed"))
struct GitDeliveryTests {
    private func project() async throws -> Scratch {
        let project = try Scratch()
        try project.write("functions.yaml", PlayedCluster.manifest)
        let rendered = try await Program.shopfn(["render", "--output", "k8s"], in: project.folder)
        try #require(rendered.status == 0, "\(rendered.errors)")
        for arguments in [
            ["init", "--quiet"], ["config", "user.name", "tests"], ["config", "user.email", "tests@example.com"],
            ["add", "."], ["commit", "--quiet", "--message", "Begin"],
        ] { try await git(arguments, in: project) }
        return project
    }

    @discardableResult
    private func git(_ arguments: [String], in project: Scratch) async throws -> String {
        let result = try await Program.run(try #require(Program.find("git")), arguments, in: project.folder)
        try #require(result.status == 0, "git \(arguments): \(result.errors)")
        return result.output
    }

    private func deploy(
        _ names: [String],
        digit: Character,
        and more: [String],
        in project: Scratch
    ) async throws
        -> Program.Result
    {
        try await Program.shopfn(
            ["deploy"] + names
                + ["--registry", "registry.example.com/shop", "--digest", PlayedCluster.digest(digit), "--to", "git"]
                + more,
            in: project.folder
        )
    }

    private func text(_ path: String, in project: Scratch) throws -> String {
        try String(contentsOfFile: project.path("k8s/overlays/eks/\(path)/kustomization.yaml"), encoding: .utf8)
    }

    @Test func oneFunctionIsPinnedAndTheModulesOthersStay() async throws {
        let project = try await project()
        let result = try await deploy(["ask"], digit: "1", and: ["--commit"], in: project)
        try #require(result.status == 0, "\(result.errors)")
        #expect(try text("functions/ask", in: project).contains("digest: \(PlayedCluster.digest("1"))"))
        #expect(try text("functions/tell", in: project).contains("../../images/probe"))
        #expect(try text("images/probe", in: project).contains("undelivered"))
        let changed = try await git(["show", "--name-only", "--format=%s"], in: project)
        #expect(changed.contains("Deliver ask") && changed.contains("functions/ask/kustomization.yaml"))
        #expect(try await git(["status", "--porcelain"], in: project).isEmpty)
        // It is what rendering makes of the manifest, too.
        let check = try await Program.shopfn(["render", "--output", "k8s", "--check"], in: project.folder)
        #expect(check.status == 0, "\(check.errors)")
    }

    @Test func allFunctionsOfAModuleShareItsImage() async throws {
        let project = try await project()
        _ = try await deploy(["ask"], digit: "1", and: ["--commit"], in: project)
        let result = try await deploy(["ask", "tell"], digit: "2", and: ["--commit"], in: project)
        try #require(result.status == 0, "\(result.errors)")
        let head = try await git(["rev-parse", "HEAD^"], in: project).trimmingCharacters(in: .whitespacesAndNewlines)
        let image = try text("images/probe", in: project)
        #expect(image.contains("digest: \(PlayedCluster.digest("2"))") && image.contains("# source: \(head)"))
        #expect(try !text("functions/ask", in: project).contains("digest"), "the pin is gone")
    }

    @Test func aDryRunShowsTheLinesAndWritesNone() async throws {
        let project = try await project()
        let result = try await deploy(["ask"], digit: "1", and: ["--dry-run"], in: project)
        #expect(result.output.contains("  + ") && result.output.contains(PlayedCluster.digest("1")))
        #expect(try await git(["status", "--porcelain"], in: project).isEmpty)
    }

    @Test func rollingBackTakesTheDigestBefore() async throws {
        let project = try await project()
        for digit in "12" { _ = try await deploy(["ask", "tell"], digit: digit, and: ["--commit"], in: project) }
        let result = try await Program.shopfn(["rollback", "ask", "--to", "git", "--commit"], in: project.folder)
        try #require(result.status == 0, "\(result.errors)")
        #expect(try text("functions/ask", in: project).contains(PlayedCluster.digest("1")))
        #expect(try text("images/probe", in: project).contains(PlayedCluster.digest("2")), "the other stays")
    }

    @Test func whatIsUndeployedIsGoneFromAllThatIsDelivered() async throws {
        let project = try await project()
        _ = try await deploy(["ask"], digit: "1", and: ["--commit"], in: project)
        let words = ["undeploy", "ask", "--to", "git"]
        let dry = try await Program.shopfn(words + ["--dry-run"], in: project.folder)
        #expect(dry.output.contains("- k8s/overlays/eks/functions/ask/kustomization.yaml"), "\(dry.output)")
        #expect(try await git(["status", "--porcelain"], in: project).isEmpty)

        let result = try await Program.shopfn(words + ["--commit"], in: project.folder)
        try #require(result.status == 0, "\(result.errors)")
        #expect(result.errors.contains("still declares ask"))
        #expect(try await git(["status", "--porcelain"], in: project).isEmpty)
        #expect(!FileManager.default.fileExists(atPath: project.path("k8s/overlays/eks/functions/ask")))
        #expect(!FileManager.default.fileExists(atPath: project.path("k8s/functions/ask")))
        #expect(FileManager.default.fileExists(atPath: project.path("k8s/functions/tell")))
        let map = try String(contentsOfFile: project.path("k8s/base/functions.yaml"), encoding: .utf8)
        #expect(!map.contains("ask:") && map.contains("tell:"))
        #expect(try await git(["show", "--format=%s", "--no-patch"], in: project).contains("Remove ask"))

        let again = try await Program.shopfn(words, in: project.folder)
        #expect(again.status == 2 && again.errors.contains("is not delivered from here"), "\(again.errors)")
    }

    @Test func aCommitThatIsRefusedBringsBackWhatWasRemoved() async throws {
        let project = try await project()
        let hook = try project.write(".git/hooks/pre-commit", "#!/bin/sh\necho not today >&2\nexit 1\n")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: hook)
        let words = ["undeploy", "ask", "--to", "git", "--commit"]
        let result = try await Program.shopfn(words, in: project.folder)
        #expect(result.status == 3 && result.errors.contains("not today"), "\(result.errors)")
        #expect(try await git(["status", "--porcelain"], in: project).isEmpty)
    }

    @Test func aCommitThatIsRefusedLeavesNothingBehind() async throws {
        let project = try await project()
        let hook = try project.write(".git/hooks/pre-commit", "#!/bin/sh\necho not today >&2\nexit 1\n")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: hook)
        let result = try await deploy(["ask"], digit: "1", and: ["--commit"], in: project)
        #expect(result.status == 3 && result.errors.contains("not today"), "\(result.errors)")
        #expect(try await git(["status", "--porcelain"], in: project).isEmpty)
    }
}
