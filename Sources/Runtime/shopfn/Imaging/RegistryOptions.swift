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
            // What is wrong, then how to write it.
            let parts = "\(error)".split(separator: ";", maxSplits: 1)
            throw CommandFailure(
                .wrongUsage,
                code: "usage",
                "\(option): \(parts[0])",
                fix: parts.count > 1 ? String(parts[1].drop { $0 == " " }) : "correct it"
            )
        }
    }
}
