// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

/// A C library of the system, found by its module map.
func system(_ name: String, apt: String) -> Target {
    .systemLibrary(name: name, path: "Sources/Runtime/\(name)", providers: [.apt([apt])])
}

/// A part of the runtime.
func runtime(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/Runtime/\(name)", swiftSettings: strict)
}

/// An executable.
///
/// It carries the Swift runtime within itself: a template forks faster, and an image needs less.
func program(_ name: String, path: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name,
        dependencies: dependencies,
        path: path,
        swiftSettings: strict,
        linkerSettings: [
            .unsafeFlags(["-static-stdlib"]),
            // Nothing is loaded into a program, so that what it does not use itself need not be in it.
            .unsafeFlags(["-Xlinker", "--no-export-dynamic"]),
            // What Foundation rests on; the static library does not name it itself.
            .unsafeFlags(["-Xlinker", "--start-group"]),
            .linkedLibrary("CoreFoundation"), .linkedLibrary("_FoundationICU"),
            .linkedLibrary("_FoundationCShims"), .linkedLibrary("_FoundationCollections"),
            .unsafeFlags(["-Xlinker", "--end-group"]),
            .linkedLibrary("stdc++"),
        ]
    )
}

/// What the shop's modules share: rules, the state in Valkey, and how both meet HTTP.
let shop: [Target.Dependency] = ["ShopRules", "ShopState", "ShopHTTP", "HTTPTransfer"]

func shared(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/Functions/\(name)", swiftSettings: strict)
}

/// A module of related functions: a library with its handlers and rules, and an executable that lists the handlers.
///
/// They are two targets because a test bundle cannot hold a program that carries the Swift runtime within itself.
func functions(_ name: String) -> [Target] {
    [
        .target(
            name: name,
            dependencies: ["FunctionKit"] + shop,
            path: "Sources/Functions/\(name)",
            exclude: ["Main"],
            swiftSettings: strict
        ),
        program("\(name)Main", path: "Sources/Functions/\(name)/Main", [.target(name: name), "FunctionKit"]),
        tests("\(name)Tests", [.target(name: name), "FunctionKit", "ShopTestSupport", "ValkeyTestSupport"] + shop),
    ]
}

/// Tests of one target.
///
/// What they test is optimised as always; they themselves are not, which halves the time a build of all takes.
func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil) -> Target {
    .testTarget(
        name: name,
        dependencies: dependencies,
        path: "Tests/\(name)",
        resources: resources,
        swiftSettings: strict + [.unsafeFlags(["-Onone"])]
    )
}

/// The test targets to build, from `ONLY_TESTS=JSONTests,RoutingTests`; all where it is not set.
let onlyTests: Set<Substring>? = Context.environment["ONLY_TESTS"].map { Set($0.split(separator: ",")) }

let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioTLS: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let heap: Target.Dependency = .product(name: "HeapModule", package: "swift-collections")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let deque: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")
let gRPC: [Target.Dependency] = [
    .product(name: "GRPCCore", package: "grpc-swift-2"),
    .product(name: "GRPCNIOTransportHTTP2Posix", package: "grpc-swift-nio-transport"),
]
let certificateReloading: Target.Dependency = .product(name: "NIOCertificateReloading", package: "swift-nio-extras")

/// The modules of functions: each executable's name and its target's.
///
/// `shopfn new` adds to this list.
let modules: KeyValuePairs = [
    "catalog": "Catalog",
    "cart": "Cart",
    "checkout": "Checkout",
    "payments": "Payments",
]

let package = Package(
    name: "shopfn",
    products: [
        .library(name: "FunctionKit", targets: ["FunctionKit"]),
        .executable(name: "shopfn", targets: ["shopfn"]),
    ] + modules.map { .executable(name: $0.key, targets: ["\($0.value)Main"]) },
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections.git", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras.git", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
        .package(url: "https://github.com/grpc/grpc-swift-2.git", from: "2.4.3"),
        .package(url: "https://github.com/grpc/grpc-swift-nio-transport.git", from: "2.9.2"),
        .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
    ],
    targets: ([
        // C libraries.
        system("CHiredis", apt: "libhiredis-dev"),
        system("CCurl", apt: "libcurl4-openssl-dev"),
        system("CJansson", apt: "libjansson-dev"),
        system("CZlib", apt: "zlib1g-dev"),
        .target(name: "CShims", path: "Sources/Runtime/CShims"),
        .target(
            name: "CTLS",
            path: "Sources/Runtime/CTLS",
            linkerSettings: [.linkedLibrary("ssl"), .linkedLibrary("crypto")]
        ),

        // Pure parts: no input or output, no clock, no randomness, no logging, no async.
        runtime("Time"),
        runtime("Randomness"),
        runtime("JSON", ["CJansson"]),
        runtime("Routing"),
        runtime("Manifest", ["Routing", "Time", yams]),
        runtime("Events", ["JSON"]),
        runtime("Scaffolding", ["Manifest"]),
        runtime("WorkerProtocol"),
        runtime("HTTPWire"),
        runtime("Dispatching", ["WorkerProtocol", "Time", deque]),
        runtime("Scaling", ["Randomness", "Time"]),
        runtime("SlotSharing", ["Time"]),
        runtime("ScalingReports", ["JSON", "Scaling", "Time"]),
        runtime("GatewayDemand", ["Scaling", "Time", "WorkerProtocol"]),
        runtime("ExternalScaler", ["GatewayDemand", "Manifest", "Scaling", "Time", "WorkerProtocol"]),
        runtime("Rendering", ["JSON", "Manifest", "Routing", "Time"]),
        runtime("ImageFormat", ["JSON", "Events", "CZlib", crypto]),

        // Parts that touch the world.
        runtime("Peering"),
        runtime(
            "Demand",
            ["GatewayDemand", "WorkerProtocol", "Peering", nioCore, nioPosix, nioTLS, logging, lifecycle]
        ),
        runtime("HTTPTransfer", ["CCurl"]),
        runtime("Valkey", ["CHiredis", "Randomness", "Time", deque, nioCore, nioPosix, nioTLS]),
        runtime("Kubernetes", ["HTTPTransfer", "JSON", yams]),
        runtime("Telemetry", ["Time"]),
        runtime("Worker", ["WorkerProtocol", "SlotSharing", "Peering", "Time", "CShims", "CTLS"]),
        runtime("FunctionKit", ["JSON", "Valkey", "HTTPTransfer", "Telemetry", "Worker", "WorkerProtocol", logging]),
        runtime("AdminPort", ["HTTPWire", "JSON", nioCore, nioPosix, logging, lifecycle]),
        runtime(
            "Gateway",
            [
                "AdminPort", "Dispatching", "Routing", "HTTPWire", "WorkerProtocol", "Telemetry", "Randomness", "Time",
                "JSON", nioCore, nioPosix, nioTLS, logging, lifecycle,
            ]
        ),
        runtime(
            "LocalLauncher",
            [
                "Gateway", "Dispatching", "JSON", "Scaling", "ScalingReports", "Valkey", "WorkerProtocol", "CShims",
                "Time", nioCore, nioPosix, logging, lifecycle,
            ]
        ),
        runtime(
            "Autoscaler",
            [
                "Demand", "GatewayDemand", "AdminPort", "Kubernetes", "Scaling", "ScalingReports", "Telemetry",
                "WorkerProtocol", "Time",
                "JSON", heap, logging, lifecycle,
            ]
        ),
        runtime(
            "KedaScaler",
            [
                "ExternalScaler", "GatewayDemand", "Scaling", "AdminPort", "Telemetry", "WorkerProtocol", "Time",
                "JSON",
                certificateReloading, nioCore, nioPosix, logging, lifecycle,
            ] + gRPC
        ),
        runtime(
            "Deployment",
            ["ImageFormat", "Rendering", "Manifest", "Kubernetes", "Events", "HTTPTransfer", "JSON"]
        ),
        program(
            "shopfn",
            path: "Sources/Runtime/shopfn",
            [
                "Manifest", "Routing", "Events", "Scaffolding", "Gateway", "LocalLauncher", "Dispatching", "Scaling",
                "JSON", "WorkerProtocol", "Peering", "FunctionKit", "HTTPTransfer", "CShims", "Valkey", "ShopState",
                "Time", "Autoscaler", "Kubernetes", "Demand", "GatewayDemand", "AdminPort", "ExternalScaler",
                "KedaScaler", "Deployment",
                "ImageFormat", "Rendering", "Telemetry", nioPosix,
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                arguments, lifecycle, logging,
            ]
        ),

        // The shop.
        shared("ShopRules", ["JSON"]),
        shared("ShopState", ["ShopRules", "JSON", "Valkey"]),
        shared("ShopHTTP", ["ShopRules", "ShopState", "FunctionKit", "HTTPTransfer"]),

        // What the benchmarks measure against.
        .executableTarget(
            name: "bare-server",
            dependencies: [nioCore, nioPosix, .product(name: "NIOHTTP1", package: "swift-nio")],
            path: "Benchmarks/BareServer",
            swiftSettings: strict
        ),
        .target(
            name: "HiredisAsync",
            path: "Benchmarks/Valkey/HiredisAsync",
            linkerSettings: [.linkedLibrary("hiredis")]
        ),
        .executableTarget(
            name: "valkey-benchmark",
            dependencies: ["Valkey", "HiredisAsync"],
            path: "Benchmarks/Valkey/Client",
            swiftSettings: strict
        ),

        // Tests. The probe is a module for tests of everything that runs workers; `swift build --build-tests` builds
        // it beside them. They find it there and do not depend on it: its linker flags would be theirs then.
        program("probe", path: "Tests/Fixtures/Probe", ["FunctionKit"]),
        tests("JSONTests", ["JSON", "Randomness"]),
        tests("RoutingTests", ["Routing", "Randomness"]),
        tests("ManifestTests", ["Manifest", "Routing", "Time", "Randomness"]),
        tests("EventsTests", ["Events", "JSON"]),
        tests("ScaffoldingTests", ["Scaffolding", "Manifest"]),
        // Runs the executable that is built beside it.
        tests("CommandLineTests", ["JSON"]),
        tests("WorkerProtocolTests", ["WorkerProtocol", "Randomness"]),
        tests("WorkerTests", ["WorkerProtocol"]),
        tests("FunctionKitTests", ["FunctionKit"]),
        tests("TelemetryTests", ["Telemetry"]),
        tests("HTTPWireTests", ["HTTPWire", "Randomness"]),
        tests("DispatchingTests", ["Dispatching", "WorkerProtocol", "Time", "Randomness"]),
        tests("SlotSharingTests", ["SlotSharing", "Time", "Randomness"]),
        tests("GatewayDemandTests", ["GatewayDemand", "WorkerProtocol", "Time"]),
        tests("ScalingTests", ["Scaling", "Time", "Randomness"]),
        .target(name: "LoopbackTestSupport", path: "Tests/LoopbackTestSupport", swiftSettings: strict),
        .target(
            name: "KubernetesTestSupport",
            dependencies: ["Kubernetes", "JSON", "LoopbackTestSupport"],
            path: "Tests/KubernetesTestSupport",
            swiftSettings: strict
        ),
        tests("KubernetesTests", ["Kubernetes", "KubernetesTestSupport", "HTTPTransfer", "JSON"]),
        tests(
            "AutoscalerTests",
            [
                "Autoscaler", "GatewayDemand", "Kubernetes", "KubernetesTestSupport", "Scaling", "WorkerProtocol",
                "Time", "JSON", "Randomness", logging,
            ]
        ),
        tests(
            "ExternalScalerTests",
            ["ExternalScaler", "GatewayDemand", "Dispatching", "Scaling", "Time", "WorkerProtocol", "Randomness"]
        ),
        tests("ImageFormatTests", ["ImageFormat", "JSON"]),
        tests(
            "RenderingTests",
            ["Rendering", "Manifest", "JSON", "Kubernetes", "KubernetesTestSupport", yams]
        ),
        tests(
            "DeploymentTests",
            [
                "Deployment", "ImageFormat", "Kubernetes", "KubernetesTestSupport", "LoopbackTestSupport",
                "HTTPTransfer", "JSON",
            ],
            resources: [.copy("Support/servers.py")]
        ),
        tests("LocalLauncherTests", ["LocalLauncher", "Time", "WorkerProtocol"]),
        // They run the executables built beside them.
        tests(
            "EndToEndTests",
            [
                "JSON", "Demand", "GatewayDemand", "Peering", "WorkerProtocol", "Kubernetes", "KubernetesTestSupport",
                "LoopbackTestSupport", logging, lifecycle,
            ]
        ),
        tests("HTTPTransferTests", ["HTTPTransfer", "LoopbackTestSupport"], resources: [.copy("Support/server.py")]),
        .target(
            name: "ShopTestSupport",
            dependencies: ["JSON"],
            path: "Tests/ShopTestSupport",
            swiftSettings: strict
        ),
        .target(
            name: "ValkeyTestSupport",
            dependencies: ["Valkey"],
            path: "Tests/ValkeyTestSupport",
            swiftSettings: strict
        ),
        tests(
            "ShopCampaignTests",
            [
                "ShopRules", "ShopState", "ShopTestSupport", "ValkeyTestSupport", "LoopbackTestSupport", "FunctionKit",
                "HTTPTransfer",
            ]
        ),
        tests("ShopRulesTests", ["ShopRules", "JSON"]),
        tests("ValkeyTests", ["Valkey", "ValkeyTestSupport", "LoopbackTestSupport", "Randomness", "Time", "CHiredis"]),
    ] + modules.flatMap { functions($0.value) })
    .filter { target in onlyTests?.contains(target.name[...]) ?? true || target.type != .test }
)
