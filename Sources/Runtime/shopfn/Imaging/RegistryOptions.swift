import ArgumentParser
import Deployment
import ImageFormat

/// How registries are spoken to.
struct RegistryOptions: ParsableArguments {
    @Flag(help: "Speak to registries without TLS; those on this machine always are.")
    var plainHTTP = false

    func session() -> RegistrySession {
        RegistrySession(usesPlainHTTP: plainHTTP, credentials: StoredCredentials.find)
    }

    /// Reads an image's reference.
    static func reference(_ text: String, option: String) throws -> ImageReference {
        do {
            return try ImageReference(text)
        } catch {
            throw CommandFailure(.wrongUsage, code: "usage", "\(option): \(error)", fix: "correct \(option)")
        }
    }
}
