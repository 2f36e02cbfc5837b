import Routing

extension Router {
    /// Matches a request given as text.
    func match(_ method: String, _ path: String) -> RouteResult<Value> {
        let method = Array(method.utf8)
        let path = Array(path.utf8)
        return method.withUnsafeBytes { method in path.withUnsafeBytes { match(method: method, path: $0) } }
    }
}

/// What a router answered, in a form that is easily compared.
enum Answer: Equatable, CustomStringConvertible {
    case found(String, [String])
    case methodNotAllowed(String)
    case notFound

    init(_ result: RouteResult<String>, path: String) {
        switch result {
        case .found(let match):
            let bytes = Array(path.utf8)
            self = .found(match.value, match.parameters.map { String(decoding: bytes[$0], as: UTF8.self) })
        case .methodNotAllowed(let allow): self = .methodNotAllowed(allow)
        case .notFound: self = .notFound
        }
    }

    var description: String {
        switch self {
        case .found(let route, let parameters): "\(route) \(parameters)"
        case .methodNotAllowed(let allow): "405 \(allow)"
        case .notFound: "404"
        }
    }
}

/// A router whose values are the patterns' own texts.
func router(_ patterns: [String]) throws -> Router<String> {
    try Router(patterns.map { (try RoutePattern($0), $0) })
}

extension Router<String> {
    func answer(_ method: String, _ path: String) -> Answer {
        Answer(match(method, path), path: path)
    }
}
