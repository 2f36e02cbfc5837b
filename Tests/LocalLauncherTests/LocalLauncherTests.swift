import Dispatching
import Gateway
import Glibc
import LocalLauncher
import Logging
import Scaling
import Testing

/// The launcher with a gateway, where no worker has to run.
@Suite(.timeLimit(.minutes(5))) struct LocalLauncherTests {
    private static let pool = PoolFunction(
        name: "f",
        route: "GET /f",
        limits: Dispatching.PoolLimits(queue: 10, timeout: .seconds(10)),
        maxBody: 1_000,
        concurrency: 1,
        revision: "1"
    )

    private static let launched = LaunchedFunction(
        name: "f",
        handler: "F",
        // A template that ends at once.
        module: ModuleFile(name: "m", path: "/bin/true", identity: "1"),
        concurrency: 1,
        memory: 1 << 27,
        environment: [],
        scale: Scaling.PoolLimits(max: 1),
        policy: .default,
        drainTimeout: .seconds(1),
        revision: "1"
    )

    @Test func nothingIsLeftOfAFunctionThatIsNoMore() async throws {
        let socket = "/tmp/shopfn-launcher-test-\(getpid()).sock"
        let logger = Logger(label: "test")
        let configuration = GatewayConfiguration(host: "127.0.0.1", port: 0, workerSocket: socket, token: "t")
        let gateway = Gateway(configuration, logger: logger)
        let launcher = try await LocalLauncher(gateway: gateway, logger: logger)
        _ = try gateway.pools.apply([Self.pool])
        weak let driver = gateway.pools.pool("f")
        try await launcher.apply(LaunchPlan(functions: [Self.launched]))
        #expect(driver != nil)
        #expect(await launcher.reports()["f"] != nil)
        _ = try gateway.pools.apply([])
        try await launcher.apply(LaunchPlan(functions: []))
        #expect(await launcher.reports()["f"] == nil)
        // Up to the time limit.
        while driver != nil { try await Task.sleep(for: .milliseconds(5)) }
        await launcher.stop(within: .seconds(60))
        await gateway.close()
        unlink(socket)
    }
}
