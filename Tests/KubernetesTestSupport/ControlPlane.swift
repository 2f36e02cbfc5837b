import Foundation

/// etcd and kube-apiserver as the envtest convention lays them out: in the folder that `KUBEBUILDER_ASSETS` names.
package enum ControlPlane {
    /// The folder, or `nil` where it is not given or lacks a program.
    static let assets: String? = {
        guard let folder = ProcessInfo.processInfo.environment["KUBEBUILDER_ASSETS"], !folder.isEmpty else {
            return nil
        }
        let programs = ["etcd", "kube-apiserver"]
        return programs.allSatisfy { FileManager.default.isExecutableFile(atPath: "\(folder)/\($0)") } ? folder : nil
    }()

    /// Whether tests can have a real API server.
    package static var isAvailable: Bool { assets != nil }

    /// What to print where they cannot.
    package static let skipReason =
        "KUBEBUILDER_ASSETS names no folder with etcd and kube-apiserver; 'setup-envtest use -p path' makes one"

    private static let holder = Holder()

    /// The API server that all tests of this process share.
    ///
    /// It is started by the first that asks and ends with the process. Tests keep apart by namespaces of their own.
    package static func shared() async throws -> TestCluster {
        try await holder.cluster()
    }

    private actor Holder {
        private var starting: Task<TestCluster, any Error>?

        func cluster() async throws -> TestCluster {
            if let starting { return try await starting.value }
            let task = Task { try await TestCluster.start() }
            starting = task
            return try await task.value
        }
    }
}

/// Why a test has no API server.
package struct TestClusterError: Error, CustomStringConvertible {
    package let description: String
}
