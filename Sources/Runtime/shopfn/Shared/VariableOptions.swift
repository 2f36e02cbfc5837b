import ArgumentParser

/// The variables of a manifest that is made into a cluster's objects.
///
/// Those of the process are not asked: what is rendered must not depend on whose shell it is rendered in.
struct VariableOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A file of NAME=VALUE lines for the manifest's ${NAME}; by default k8s/variables.env beside the manifest.",
            valueName: "file"
        ),
        completion: .file()
    )
    var variables: String?

    @Option(
        help: ArgumentHelp(
            "A variable for the manifest's ${NAME}, as NAME=VALUE. May be given again.",
            valueName: "variable"
        )
    )
    var set: [String] = []

    static let file = "k8s/variables.env"

    /// The variables.
    ///
    /// `folder`: The manifest's.
    /// Throws `CommandFailure` for a file that cannot be read, and for a line that is no NAME=VALUE.
    func values(folder: String) throws -> [String: String] {
        let path = variables ?? FileSystem.join(folder, Self.file)
        var lines: [String] = []
        if variables != nil || FileSystem.exists(path) {
            do {
                let text = String(decoding: try FileSystem.read(path, upTo: 1 << 20), as: UTF8.self)
                lines = text.split(whereSeparator: \.isNewline).map(String.init).filter { !$0.hasPrefix("#") }
            } catch {
                throw CommandFailure(
                    .wrongUsage,
                    code: "variables-unreadable",
                    "\(path) cannot be read: \(error.reason)",
                    fix: "name a readable file with --variables"
                )
            }
        }
        var values: [String: String] = [:]
        for line in lines + set where !line.allSatisfy(\.isWhitespace) {
            guard let equals = line.firstIndex(of: "="), equals != line.startIndex else {
                throw CommandFailure(
                    .wrongUsage,
                    code: "usage",
                    "'\(line)' is no NAME=VALUE",
                    fix: "write one variable a line, as in PAYMENT_URL=http://gateway/api/payments"
                )
            }
            values[String(line[..<equals])] = String(line[line.index(after: equals)...])
        }
        return values
    }
}
