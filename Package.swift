// swift-tools-version: 6.2
import Glibc
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
///
/// It does without what brings the engine for regular expressions into every executable; `Text` has what is needed. What
/// no request waits for is `isCold`, and made small rather than fast.
func runtime(_ name: String, _ dependencies: [Target.Dependency] = [], isCold: Bool = false) -> Target {
    .target(
        name: name,
        dependencies: dependencies,
        path: "Sources/Runtime/\(name)",
        swiftSettings: strict + lean + (isCold ? small : [])
    )
}

let small: [SwiftSetting] = [.unsafeFlags(["-Osize"])]
let lean: [SwiftSetting] = [
    .unsafeFlags(["-Xfrontend", "-disable-implicit-string-processing-module-import"])
]

/// Whether this system's loader reads relocations in their compact form (glibc 2.36, of Debian 12 and Ubuntu 24.04).
let readsCompactRelocations: Bool = {
    var text = [CChar](repeating: 0, count: 64)
    confstr(Int32(_CS_GNU_LIBC_VERSION), &text, text.count)
    let words = text.prefix { $0 != 0 }.split { $0 == 32 || $0 == 46 }.map { $0.reduce(0) { $0 * 10 + Int($1) - 48 } }
    return words.count >= 3 && (words[1], words[2]) >= (2, 36)
}()

/// An executable.
///
/// It carries the Swift runtime within itself: a template forks faster, and an image needs less.
func program(_ name: String, path: String, _ dependencies: [Target.Dependency], isCold: Bool = false) -> Target {
    .executableTarget(
        name: name,
        dependencies: dependencies,
        path: path,
        swiftSettings: strict + (isCold ? small : []),
        linkerSettings: [
            .unsafeFlags(["-static-stdlib"]),
            // The toolchain's own linker is faster than the system's and writes less.
            .unsafeFlags(["-use-ld=lld"]),
            // Nothing is loaded into a program, so that what it does not use itself need not be in it.
            .unsafeFlags(["-Xlinker", "--no-export-dynamic"]),
            // The standard library of C++ as an archive; what stands there says why.
            .unsafeFlags(["-L\(Context.packageDirectory)/Sources/Runtime/Linking"]),
            .unsafeFlags(readsCompactRelocations ? ["-Xlinker", "-z", "-Xlinker", "pack-relative-relocs"] : []),
            // What Foundation rests on; the static library does not name it itself. Of what is not used, nothing is
            // taken.
            .linkedLibrary("CoreFoundation"), .linkedLibrary("_FoundationICU"),
            .linkedLibrary("_FoundationCShims"), .linkedLibrary("_FoundationCollections"),
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
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
    ],
    targets: ([
        // C libraries.
        system("CHiredis", apt: "libhiredis-dev"),
        system("CCurl", apt: "libcurl4-openssl-dev"),
        system("CJansson", apt: "libjansson-dev"),
        system("CYAML", apt: "libyaml-dev"),
        system("CZlib", apt: "zlib1g-dev"),
        .target(name: "CShims", path: "Sources/Runtime/CShims"),
        .target(
            name: "CTLS",
            path: "Sources/Runtime/CTLS",
            linkerSettings: [.linkedLibrary("ssl"), .linkedLibrary("crypto")]
        ),

        // Pure parts: no input or output, no clock, no randomness, no logging, no async.
        runtime("Text"),
        runtime("Time"),
        runtime("Randomness"),
        runtime("JSON", ["CJansson"]),
        runtime("YAML", ["CYAML"]),
        runtime("Routing"),
        runtime("Manifest", ["Routing", "Text", "Time", "YAML"], isCold: true),
        runtime("Events", ["JSON"], isCold: true),
        runtime("Scaffolding", ["Manifest"], isCold: true),
        runtime("WorkerProtocol"),
        runtime("HTTPWire"),
        runtime("Dispatching", ["WorkerProtocol", "Time", deque]),
        runtime("Scaling", ["Randomness", "Time"]),
        runtime("SlotSharing", ["Time"]),
        runtime("ScalingReports", ["JSON", "Scaling", "Time"]),
        runtime("GatewayDemand", ["Scaling", "Time", "WorkerProtocol"]),
        runtime("ExternalScaler", ["GatewayDemand", "Manifest", "Scaling", "Time", "WorkerProtocol"]),
        runtime("Rendering", ["JSON", "Manifest", "Routing", "Time"], isCold: true),
        runtime("ImageFormat", ["JSON", "Events", "CZlib", crypto]),

        // Parts that touch the world.
        runtime("ChildProcesses", ["CShims"]),
        runtime("Hosting"),
        runtime("Peering"),
        runtime(
            "Demand",
            ["GatewayDemand", "WorkerProtocol", "Peering", "Time", nioCore, nioPosix, nioTLS, logging, lifecycle]
        ),
        runtime("HTTPTransfer", ["CCurl"]),
        runtime("Valkey", ["CHiredis", "Hosting", "Randomness", "Text", "Time", deque, nioCore, nioPosix, nioTLS]),
        runtime("Kubernetes", ["ChildProcesses", "HTTPTransfer", "JSON", "Text", "YAML"], isCold: true),
        runtime("LogOutput", ["JSON", logging]),
        runtime("Telemetry", ["Time"]),
        runtime("Worker", ["WorkerProtocol", "SlotSharing", "Hosting", "Peering", "Time", "CShims", "CTLS"]),
        runtime(
            "FunctionKit",
            ["JSON", "Valkey", "HTTPTransfer", "Telemetry", "LogOutput", "Worker", "WorkerProtocol", logging]
        ),
        runtime("AdminPort", ["HTTPWire", "JSON", "Time", nioCore, nioPosix, logging, lifecycle]),
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
                "Text", "Time", nioCore, nioPosix, logging, lifecycle,
            ]
        ),
        runtime(
            "Autoscaler",
            [
                "Demand", "GatewayDemand", "AdminPort", "Kubernetes", "Scaling", "ScalingReports", "Telemetry",
                "WorkerProtocol", "Text", "Time", "JSON", heap, logging, lifecycle,
            ]
        ),
        runtime(
            "KedaScaler",
            [
                "ExternalScaler", "GatewayDemand", "Scaling", "AdminPort", "Telemetry", "WorkerProtocol", "Time",
                "JSON",
                certificateReloading, nioCore, nioPosix, logging, lifecycle,
            ] + gRPC,
            isCold: true
        ),
        runtime(
            "Deployment",
            ["ImageFormat", "Rendering", "Manifest", "Kubernetes", "Events", "HTTPTransfer", "JSON", "Text"],
            isCold: true
        ),
        program(
            "shopfn",
            path: "Sources/Runtime/shopfn",
            [
                "ChildProcesses", "Manifest", "Routing", "Events", "Scaffolding", "Gateway", "LocalLauncher",
                "Dispatching", "Scaling", "JSON", "WorkerProtocol", "Peering", "LogOutput", "HTTPTransfer", "CShims",
                "Valkey", "ShopState", "Time", "Autoscaler", "Kubernetes", "Demand", "GatewayDemand", "AdminPort",
                "ExternalScaler", "KedaScaler", "Deployment", "ImageFormat", "Rendering", "Telemetry", "Text", nioCore,
                nioPosix,
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                arguments, lifecycle, logging,
            ],
            isCold: true
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
        // Makes the prior of the adaptive policy from recorded traffic; docs/scaling.md says how to run it.
        .executableTarget(
            name: "rhythm-trainer",
            dependencies: ["Scaling"],
            path: "Benchmarks/Scaling/Trainer",
            swiftSettings: strict
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
        .target(name: "PythonTestSupport", path: "Tests/PythonTestSupport", swiftSettings: strict),
        tests("TimeTests", ["Time", "JSON", "PythonTestSupport", "Randomness"]),
        tests("YAMLTests", ["YAML", "JSON", "PythonTestSupport"]),
        tests("TextTests", ["Text"]),
        tests("RoutingTests", ["Routing", "Randomness"]),
        tests("ManifestTests", ["Manifest", "Routing", "Time", "PythonTestSupport", "Randomness"]),
        tests("EventsTests", ["Events", "JSON"]),
        tests("ScaffoldingTests", ["Scaffolding", "Manifest"]),
        // Runs the executable that is built beside it.
        tests("CommandLineTests", ["JSON"]),
        tests("WorkerProtocolTests", ["WorkerProtocol", "Randomness"]),
        tests("WorkerTests", ["WorkerProtocol", "Valkey", "ValkeyTestSupport"]),
        tests("FunctionKitTests", ["FunctionKit"]),
        tests("TelemetryTests", ["Telemetry"]),
        tests("HTTPWireTests", ["HTTPWire", "Randomness"]),
        tests("DispatchingTests", ["Dispatching", "WorkerProtocol", "Time", "Randomness"]),
        tests("SlotSharingTests", ["SlotSharing", "Time", "Randomness"]),
        tests("GatewayDemandTests", ["GatewayDemand", "Scaling", "WorkerProtocol", "Time"]),
        tests("DemandTests", ["Demand", "GatewayDemand", "WorkerProtocol"]),
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
            ["Rendering", "Manifest", "JSON", "Kubernetes", "KubernetesTestSupport", "PythonTestSupport"]
        ),
        tests(
            "DeploymentTests",
            [
                "Deployment", "ImageFormat", "Kubernetes", "KubernetesTestSupport", "LoopbackTestSupport",
                "HTTPTransfer", "JSON",
            ],
            resources: [.copy("Support/servers.py")]
        ),
        tests("AdminPortTests", ["AdminPort", nioCore, nioPosix, logging]),
        tests(
            "LocalLauncherTests",
            ["LocalLauncher", "Gateway", "Dispatching", "Scaling", "Time", "WorkerProtocol", logging]
        ),
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
