import Routing

/// Routes that match the same requests.
extension ManifestChecker {
    mutating func reportRouteConflicts(_ functions: [Located<FunctionDeclaration>]) {
        var first: [RoutePattern: Located<FunctionDeclaration>] = [:]
        for function in functions {
            guard let route = function.value.trigger.route else { continue }
            guard let other = first[route] else {
                first[route] = function
                continue
            }
            report(
                .conflictingRoutes,
                function.position,
                "the routes of '\(function.value.name)' and '\(other.value.name)' match the same requests",
                fix: "change the method or the path of one, or remove one of the two functions",
                related: [.init(position: other.position, message: "the route of '\(other.value.name)' is here")]
            )
        }
    }
}
