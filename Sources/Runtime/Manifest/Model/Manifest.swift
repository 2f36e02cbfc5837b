/// A checked `functions.yaml`: every default applied, every variable resolved, nothing left that can be wrong.
package struct Manifest: Sendable, Equatable {
    /// The only version of the format.
    package static let version = 1

    /// The service's name; names Kubernetes objects and prefixes telemetry.
    package var service: String
    /// The functions in the order of the file.
    package var functions: [FunctionDeclaration]

    package init(service: String, functions: [FunctionDeclaration]) {
        self.service = service
        self.functions = functions
    }

    /// The function of that name.
    package func function(named name: String) -> FunctionDeclaration? {
        functions.first { $0.name == name }
    }

    /// The modules that functions name, each once, in the order of first mention.
    package var modules: [String] {
        var seen: Set<String> = []
        return functions.map(\.module).filter { seen.insert($0).inserted }
    }
}
