/// The texts of new files.
package struct FunctionTemplate: Sendable {
    private let function: NewFunction
    private let target: String
    /// The method to test the function with.
    private let method: String
    /// A path that its route matches.
    private let path: String

    /// Makes the texts for a function.
    ///
    /// - Parameters:
    ///   - function: The function.
    ///   - target: The module's Swift target.
    ///   - method: A method its route matches.
    ///   - path: A path its route matches.
    package init(_ function: NewFunction, target: String, method: String, path: String) {
        self.function = function
        self.target = target
        self.method = method
        self.path = path
    }

    package var handlerPath: String { "Sources/Functions/\(target)/\(function.handler).swift" }
    package var testPath: String { "Tests/\(target)Tests/\(function.handler)Tests.swift" }
    package var modulePath: String { "Sources/Functions/\(target)/Main/\(target)Module.swift" }

    /// In the order the formatter wants.
    private var imports: String { ["FunctionKit", target].sorted().map { "import \($0)" }.joined(separator: "\n") }

    private var summary: String {
        switch function.trigger {
        case .route(let route): "Answers `\(route)`."
        case .schedule(let schedule): "Runs by the schedule `\(schedule)`; a status of 400 or more says that it failed."
        }
    }

    package var handler: String {
        """
        package import FunctionKit

        /// \(summary)
        package struct \(function.handler): HTTPFunction {
            package init(context: FunctionContext) async throws {}

            package func handle(_ request: HTTPRequest, _ invocation: Invocation) async throws -> HTTPResponse {
                .text("\(function.name)\\n")
            }
        }

        """
    }

    package var test: String {
        """
        \(imports)
        import Testing

        @Suite struct \(function.handler)Tests {
            @Test func answers() async throws {
                let function = try await \(function.handler)(context: FunctionContext(functionName: "\(function.name)"))
                let request = try HTTPRequest(method: "\(method)", path: "\(path)")
                let response = try await function.handle(request, Invocation())
                #expect(response.status == .ok)
            }
        }

        """
    }

    package var module: String {
        """
        \(imports)

        @main struct \(target)Module: FunctionModule {
            static let functions = Functions {
                \(function.handler).self
            }
        }

        """
    }
}
