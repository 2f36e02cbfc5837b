import Foundation
import JSON
import Testing

/// `shopfn render` as it is used.
@Suite struct RenderCommandTests {
    /// The folder of this project.
    private static let project = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path(percentEncoded: false)

    @Test func whatIsCommittedIsWhatTheManifestSays() async throws {
        let result = try await Program.shopfn(["render", "--output", "k8s", "--check"], in: Self.project)
        #expect(result.status == 0, "\(result.errors)")
    }

    @Test func aFunctionThatIsGoneTakesItsFilesAlong() async throws {
        let project = try Scratch()
        try project.write("functions.yaml", PlayedCluster.manifest)
        _ = try await Program.shopfn(["render", "--output", "k8s"], in: project.folder)
        try project.write("k8s/functions/mine/notes.yaml", "kept: true\n")
        let lines = PlayedCluster.manifest.split(separator: "\n").filter { !$0.contains("tell:") }
        try project.write("functions.yaml", lines.joined(separator: "\n") + "\n")
        let check = try await Program.shopfn(["render", "--output", "k8s", "--check"], in: project.folder)
        #expect(check.status == 1 && check.errors.contains("functions/tell/deployment.yaml"), "\(check.errors)")
        _ = try await Program.shopfn(["render", "--output", "k8s"], in: project.folder)
        #expect(!FileManager.default.fileExists(atPath: project.path("k8s/functions/tell")))
        #expect(FileManager.default.fileExists(atPath: project.path("k8s/functions/mine/notes.yaml")))
    }

    @Test func variablesComeFromTheFileAndNotFromTheEnvironment() async throws {
        let project = try Scratch()
        try project.write(
            "functions.yaml",
            PlayedCluster.manifest.replacing(
                "route: GET /ask",
                with: "route: GET /ask, environment: { A: \"${A:-default}\" }"
            )
        )
        func value(_ arguments: [String]) async throws -> String? {
            let result = try await Program.shopfn(
                ["render", "--output", "json"] + arguments,
                in: project.folder,
                environment: ["A": "of the shell"]
            )
            let items = try result.json()["items"]?.arrayValue ?? []
            let ask = items.first { $0["kind"] == "Deployment" && $0["metadata"]?["name"] == "ask" }
            return ask?["spec"]?["template"]?["spec"]?["containers"]?[0]?["env"]?[0]?["value"]?.stringValue
        }
        #expect(try await value([]) == "default")
        try project.write("k8s/variables.env", "# a comment\nA=of the file\n")
        #expect(try await value([]) == "of the file")
        #expect(try await value(["--set", "A=of the command"]) == "of the command")
    }
}
