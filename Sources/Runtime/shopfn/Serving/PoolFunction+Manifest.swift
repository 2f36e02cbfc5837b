import Dispatching
import Gateway
import Manifest

extension PoolFunction {
    /// What a gateway has to know of a declared function.
    ///
    /// `revision`: the one a worker must be of; `nil` takes any.
    init(_ declaration: FunctionDeclaration, limits: Dispatching.PoolLimits, revision: String?) {
        self.init(
            name: declaration.name,
            route: declaration.trigger.route.map(String.init(describing:)),
            limits: limits,
            maxBody: declaration.maxBody,
            isRetried: declaration.retry == .idempotent,
            concurrency: declaration.concurrency,
            revision: revision
        )
    }

    /// As a gateway needs it whose workers come from other machines and have other gateways as well.
    init(remote declaration: FunctionDeclaration) {
        let limits = Dispatching.PoolLimits(
            queue: declaration.queue,
            timeout: declaration.timeout,
            // Early enough that the answer is out before the client's own patience ends.
            starvation: min(declaration.timeout / 10, .milliseconds(500)),
            sharesWorkers: true
        )
        self.init(declaration, limits: limits, revision: nil)
    }
}
