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

/// An executable. It carries the Swift runtime within itself: a template forks faster, and an image needs less.
func program(_ name: String, path: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name,
        dependencies: dependencies,
        path: path,
        swiftSettings: strict,
        linkerSettings: [
            .unsafeFlags(["-static-stdlib"]),
            // What Foundation rests on; the static library does not name it itself.
            .unsafeFlags(["-Xlinker", "--start-group"]),
            .linkedLibrary("CoreFoundation"), .linkedLibrary("_FoundationICU"),
            .linkedLibrary("_FoundationCShims"), .linkedLibrary("_FoundationCollections"),
            .unsafeFlags(["-Xlinker", "--end-group"]),
            .linkedLibrary("stdc++"),
        ]
    )
}

/// A module of related functions of the shop.
func functions(_ name: String, _ dependencies: [Target.Dependency] = ["FunctionKit"]) -> Target {
    program(name, path: "Sources/Functions/\(name)", dependencies)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil) -> Target {
    .testTarget(
        name: name,
        dependencies: dependencies,
        path: "Tests/\(name)",
        resources: resources,
        swiftSettings: strict
    )
}

let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioTLS: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let deque: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")

let package = Package(
    name: "shopfn",
    products: [
        .library(name: "FunctionKit", targets: ["FunctionKit"]),
        .executable(name: "shopfn", targets: ["shopfn"]),
        .executable(name: "catalog", targets: ["Catalog"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections.git", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
        .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
    ],
    targets: [
        // C libraries.
        system("CHiredis", apt: "libhiredis-dev"),
        system("CCurl", apt: "libcurl4-openssl-dev"),
        system("CJansson", apt: "libjansson-dev"),
        .target(name: "CShims", path: "Sources/Runtime/CShims"),

        // Pure parts: no input or output, no clock, no randomness, no logging, no async.
        runtime("Time"),
        runtime("JSON", ["CJansson"]),
        runtime("Routing"),
        runtime("Manifest", ["Routing", yams]),
        runtime("WorkerProtocol"),
        runtime("HTTPWire"),
        runtime("Dispatching", ["Time", deque]),
        runtime("Scaling", ["Time"]),

        // Parts that touch the world.
        runtime("HTTPTransfer", ["CCurl"]),
        runtime("Valkey", ["CHiredis", "Time", deque, nioCore, nioPosix, nioTLS]),
        runtime("Telemetry", ["Time"]),
        runtime("Worker", ["WorkerProtocol", "CShims"]),
        runtime("FunctionKit", ["JSON", "Valkey", "HTTPTransfer", "Telemetry", "Worker", logging]),
        runtime(
            "Gateway",
            ["Dispatching", "Routing", "HTTPWire", "WorkerProtocol", "Telemetry", "Time", "JSON", nioCore, nioPosix, logging, lifecycle]
        ),
        runtime(
            "LocalLauncher",
            ["Scaling", "WorkerProtocol", "CShims", "Time", nioCore, nioPosix, logging, lifecycle]
        ),
        program(
            "shopfn",
            path: "Sources/Runtime/shopfn",
            ["Manifest", "Gateway", "LocalLauncher", "Scaling", "JSON", "WorkerProtocol", arguments, lifecycle, logging]
        ),

        // The shop.
        functions("Catalog"),

        // Benchmarks.
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

        // Tests.
        tests("JSONTests", ["JSON"]),
        tests("RoutingTests", ["Routing"]),
        tests("ManifestTests", ["Manifest"]),
        tests("WorkerProtocolTests", ["WorkerProtocol"]),
        tests("HTTPWireTests", ["HTTPWire"]),
        tests("DispatchingTests", ["Dispatching", "Time"]),
        tests("ScalingTests", ["Scaling", "Time"]),
        tests("HTTPTransferTests", ["HTTPTransfer"], resources: [.copy("Support/server.py")]),
        tests("ValkeyTests", ["Valkey", "Time", "CHiredis"]),
    ]
)
