import ChildProcesses
import Deployment
import ImageFormat
import JSON
import Text

/// Credentials for registries as `docker login`, `podman login` and credential helpers keep them; for Amazon ECR also
/// those that the AWS command line gives.
enum StoredCredentials {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// The credentials for an image's registry; nothing where there are none.
    @Sendable static func find(_ reference: ImageReference) async throws -> RegistryCredentials? {
        for path in files {
            guard let bytes = try? FileSystem.read(path, upTo: 16 << 20) else { continue }
            let document: JSONValue
            do {
                document = try JSONValue(parsing: bytes)
            } catch {
                throw Failure(description: "\(path) is no JSON: \(error.message)")
            }
            switch DockerConfiguration(document).entry(for: reference.registry) {
            case .credentials(let credentials): return credentials
            case .helper(let name):
                if let credentials = try ask(helper: name, for: reference.registry) { return credentials }
            case nil: break
            }
        }
        return try amazon(reference)
    }

    private static var files: [String] {
        let home = FileSystem.variable("HOME")
        return [
            FileSystem.variable("REGISTRY_AUTH_FILE"),
            (FileSystem.variable("DOCKER_CONFIG") ?? home.map { "\($0)/.docker" }).map { "\($0)/config.json" },
            FileSystem.variable("XDG_RUNTIME_DIR").map { "\($0)/containers/auth.json" },
            home.map { "\($0)/.config/containers/auth.json" },
        ].compactMap { $0 }
    }

    private static func ask(helper: String, for registry: String) throws -> RegistryCredentials? {
        let program = "docker-credential-\(helper)"
        guard let path = FileSystem.program(named: program) else {
            throw Failure(description: "\(program), which the Docker configuration names, is not on the PATH")
        }
        for name in DockerConfiguration.names(of: registry) {
            let result = try run(path, ["get"], input: Array(name.utf8))
            if result.end == .exited(0), let answer = try? JSONValue(parsing: result.output),
                let credentials = DockerConfiguration.credentials(ofHelper: answer)
            {
                return credentials
            }
            guard String(decoding: result.output, as: UTF8.self).includes("not found") else {
                let said = result.errors + String(decoding: result.output.prefix(200), as: UTF8.self)
                throw Failure(description: "\(program) gives no credentials: \(said)")
            }
        }
        return nil
    }

    /// Amazon ECR's password, good for twelve hours, of whoever the AWS command line is signed in as.
    private static func amazon(_ reference: ImageReference) throws -> RegistryCredentials? {
        guard let region = reference.ecrRegion else { return nil }
        if let helper = FileSystem.program(named: "docker-credential-ecr-login") {
            let result = try run(helper, ["get"], input: Array(reference.registry.utf8))
            if result.end == .exited(0), let answer = try? JSONValue(parsing: result.output) {
                return DockerConfiguration.credentials(ofHelper: answer)
            }
        }
        guard let aws = FileSystem.program(named: "aws") else {
            throw Failure(
                description: "neither docker-credential-ecr-login nor aws is on the PATH to sign in to Amazon ECR with"
            )
        }
        let result = try run(aws, ["ecr", "get-login-password", "--region", region], input: [])
        let password = String(decoding: result.output, as: UTF8.self).filter { !$0.isWhitespace }
        guard result.end == .exited(0), !password.isEmpty else {
            let said = result.errors.split(whereSeparator: \.isNewline).last.map(String.init) ?? "\(result.end)"
            throw Failure(description: "'aws ecr get-login-password' gives none: \(said)")
        }
        return .password(user: "AWS", password: password)
    }

    private static func run(_ path: String, _ arguments: [String], input: [UInt8]) throws -> ChildProcess.Result {
        do {
            return try ChildProcess.run(path, arguments, milliseconds: 60_000, input: input)
        } catch {
            throw Failure(description: "\(path) cannot be run: \(error.reason)")
        }
    }
}
