import Dispatching
import Gateway
import LocalLauncher
import Manifest
import Scaling
import WorkerProtocol

/// A manifest in the terms of the gateway and of the launcher.
struct ServePlan {
    let functions: [PoolFunction]
    let launch: LaunchPlan

    /// The plan for a manifest, given every module's executable and the variables all workers get besides its own.
    ///
    /// - Throws: `CommandFailure` for a policy whose settings contradict each other.
    init(_ manifest: Manifest, modules: [String: ModuleFile], environment: [Spawn.Variable]) throws {
        var functions: [PoolFunction] = []
        var launched: [LaunchedFunction] = []
        for declaration in manifest.functions {
            guard let module = modules[declaration.module] else { continue }
            let variables = environment + declaration.environment.map { Spawn.Variable($0.name, $0.value) }
            let revision = Self.revision(declaration, module, variables)
            let limits = Dispatching.PoolLimits(queue: declaration.queue, timeout: declaration.timeout)
            functions.append(PoolFunction(declaration, limits: limits, revision: revision))
            launched.append(
                LaunchedFunction(
                    name: declaration.name,
                    handler: declaration.handler,
                    module: module,
                    concurrency: declaration.concurrency,
                    memory: declaration.memory,
                    environment: variables,
                    scale: Scaling.PoolLimits(
                        min: declaration.scale.min,
                        max: declaration.scale.max,
                        idle: declaration.scale.idle
                    ),
                    policy: try Self.policy(declaration),
                    floors: FloorService.floors(declaration.scale.windows),
                    drainTimeout: declaration.timeout + limits.grace + .seconds(3),
                    revision: revision
                )
            )
        }
        self.functions = functions
        launch = LaunchPlan(functions: launched)
    }

    private static func policy(_ function: FunctionDeclaration) throws -> PolicyChoice {
        do throws(PolicyMistake) {
            return try PolicyChoice(parsing: function.scale.policy.specification)
        } catch {
            throw CommandFailure(
                .wrongUsage,
                code: "bad-policy",
                "function '\(function.name)': \(error.message)",
                fix: error.fix
            )
        }
    }

    /// Changes with whatever a running worker can not take over (FNV-1a, 64 bits: a name, not a secret).
    private static func revision(
        _ function: FunctionDeclaration,
        _ module: ModuleFile,
        _ variables: [Spawn.Variable]
    ) -> String {
        var parts = [module.path, module.identity, function.handler]
        parts += ["\(function.concurrency)", "\(function.memory)"]
        for variable in variables { parts += [variable.name, variable.value] }
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for part in parts {
            for byte in part.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            hash = (hash ^ 0xFF) &* 0x100_0000_01B3
        }
        return String(hash, radix: 16)
    }
}
