import HTTPWire
import Routing

/// The routes in force: from a request's method and path to a function.
final class RouteTable: Sendable {
    /// A function with what its invocations carry of it.
    struct Target: Sendable {
        let pool: PoolDriver
        let function: PoolFunction
        /// The route's path pattern, then the function's name.
        let texts: [UInt8]
        let patternEnd: Int
        let parameterNames: [[UInt8]]
    }

    /// A path parameter, its value decoded.
    struct Parameter: Sendable {
        let name: [UInt8]
        let value: [UInt8]
    }

    /// What a request meets.
    enum Match {
        case function(Target, [Parameter])
        case options(allow: String)
        case problem(GatewayProblem)
    }

    static let empty = RouteTable(router: nil)

    private let router: Router<Target>?

    private init(router: Router<Target>?) {
        self.router = router
    }

    /// - Throws: `RoutePatternError` or `RouteConflict`, which a checked manifest does not have.
    convenience init(_ routes: [(pool: PoolDriver, function: PoolFunction)]) throws {
        let targets = try routes.compactMap { route -> (RoutePattern, Target)? in
            guard let text = route.function.route else { return nil }
            let pattern = try RoutePattern(text)
            let path = [UInt8](pattern.path.utf8)
            let target = Target(
                pool: route.pool,
                function: route.function,
                texts: path + route.function.name.utf8,
                patternEnd: path.count,
                parameterNames: pattern.parameterNames.map { [UInt8]($0.utf8) }
            )
            return (pattern, target)
        }
        self.init(router: try Router(targets))
    }

    func match(_ head: RequestHead) -> Match {
        head.bytes.withUnsafeBytes { raw in
            let path = raw[head.path]
            let isOptions = raw[head.method].elementsEqual("OPTIONS".utf8)
            if isOptions, path.elementsEqual("*".utf8) {
                return .options(allow: "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")
            }
            guard let router else { return .problem(.notFound) }
            switch router.match(method: raw[head.method], path: path) {
            case .found(let match):
                return Self.function(match, in: path)
            case .methodNotAllowed(let allow):
                return isOptions ? .options(allow: allow) : .problem(.methodNotAllowed(allow))
            case .notFound:
                return .problem(.notFound)
            }
        }
    }

    private static func function(_ match: RouteMatch<Target>, in path: UnsafeRawBufferPointer) -> Match {
        guard !match.parameters.isEmpty else { return .function(match.value, []) }
        var parameters: [Parameter] = []
        for (name, range) in zip(match.value.parameterNames, match.parameters) {
            var value: [UInt8] = []
            do {
                try PathParameter.decode(UnsafeRawBufferPointer(rebasing: path[range]), into: &value)
            } catch {
                return .problem(.violation(status: 400, error.description))
            }
            parameters.append(Parameter(name: name, value: value))
        }
        return .function(match.value, parameters)
    }
}
