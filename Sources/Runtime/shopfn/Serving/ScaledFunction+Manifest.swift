import Manifest
import Scaling

extension ScaledFunction {
    /// The functions of a manifest.
    static func all(of manifest: Manifest) -> [ScaledFunction] {
        manifest.functions.map { declaration in
            ScaledFunction(
                name: declaration.name,
                route: declaration.trigger.route.map(String.init(describing:)) ?? "",
                limits: PoolLimits(
                    min: declaration.scale.min,
                    max: declaration.scale.max,
                    idle: declaration.scale.idle
                ),
                concurrency: declaration.concurrency,
                // The manifest was checked, so its policy is one.
                policy: (try? PolicyChoice(parsing: declaration.scale.policy.specification)) ?? .default,
                floors: FloorService.floors(declaration.scale.windows)
            )
        }
    }
}
