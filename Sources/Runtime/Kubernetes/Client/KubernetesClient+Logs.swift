package import HTTPTransfer

/// Which part of a container's log is meant.
package struct LogOptions: Sendable {
    /// The container; may be left out where the pod has one.
    package var container: String?
    /// Whether to go on with what is logged from now on.
    package var follow = false
    /// Whether the log of the container before its last restart is meant.
    package var previous = false
    package var tailLines: Int?
    package var since: Duration?
    package var timestamps = false
    package var limitBytes: Int?

    package init() {}

    var query: [(name: String, value: String)] {
        let all: [(String, String?)] = [
            ("container", container), ("follow", follow ? "true" : nil), ("previous", previous ? "true" : nil),
            ("tailLines", tailLines.map(String.init)),
            ("sinceSeconds", since.map { String(max(1, $0.components.seconds)) }),
            ("timestamps", timestamps ? "true" : nil), ("limitBytes", limitBytes.map(String.init)),
        ]
        return all.compactMap { name, value in value.map { (name, $0) } }
    }
}

extension KubernetesClient {
    /// A container's log, piece by piece; pieces may end within a line.
    package func logs(
        ofPod name: String,
        in namespace: String? = nil,
        options: LogOptions = LogOptions()
    ) async throws(KubernetesError) -> HTTPClientBody {
        let path = Resource.pods.path(namespace: self.namespace(namespace), name: name, subresource: "log")
        let request = APIRequest(path: path, query: options.query, accept: "*/*")
        return try await session.stream(request, timeout: nil)
    }
}
