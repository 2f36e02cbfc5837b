import Glibc

/// Builds executables with SwiftPM before they go into images.
enum ModuleBuild {
    /// Builds a product, its output going to standard error as it comes.
    ///
    /// - Throws: `CommandFailure` when it does not build.
    static func run(_ product: String, package folder: String) throws {
        guard let swift = FileSystem.program(named: "swift") else {
            throw CommandFailure(
                .wrongUsage,
                code: "no-swift",
                "there is no swift on the PATH to build \(product) with",
                fix: "install Swift, or deploy what is built already with --no-build"
            )
        }
        let arguments = [swift, "build", "--package-path", folder, "-c", "release", "--product", product]
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO)
        var argv: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for argument in argv { free(argument) } }
        var child: pid_t = 0
        guard posix_spawn(&child, swift, &actions, nil, &argv, environ) == 0 else {
            throw CommandFailure(.wrongUsage, code: "no-swift", "\(swift) cannot be run", fix: "see that it may be run")
        }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        guard status == 0 else {
            throw CommandFailure(
                .functionFailed,
                code: "build-failed",
                "\(product) does not build",
                fix: "mend what the compiler says above; nothing was deployed"
            )
        }
    }
}
