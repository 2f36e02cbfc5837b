import HTTPTransfer
import JSON
import Kubernetes

/// Prints what pods log, whole lines at a time, so that those of several do not run into each other.
actor LogPrinter {
    private let format: OutputFormat
    private let namesPods: Bool
    private var failure: CommandFailure?
    private var isAnyRead = false

    init(format: OutputFormat, namesPods: Bool) {
        self.format = format
        self.namesPods = namesPods
    }

    /// Prints a pod's log until it ends.
    ///
    /// `isAlone`: Whether there is no other, so that a failure need not be told before it is the command's.
    func print(_ client: KubernetesClient, pod: String, _ options: LogOptions, isAlone: Bool) async {
        do {
            var rest: [UInt8] = []
            for try await piece in try await client.logs(ofPod: pod, options: options) {
                rest += piece
                while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                    show(rest[..<end], of: pod)
                    rest.removeSubrange(...end)
                }
            }
            if !rest.isEmpty { show(rest[...], of: pod) }
            isAnyRead = true
        } catch {
            let failed = (error as? KubernetesError).map { CommandFailure($0) }
            failure =
                failed
                ?? CommandFailure(
                    .unreachable,
                    code: "cluster",
                    "the log of \(pod) broke off: \(error)",
                    fix: "try again"
                )
            if !isAlone { Terminal.writeError("shopfn: \(pod): \(failed?.message ?? "\(error)")\n") }
        }
    }

    /// - Throws: The last failure, if no pod's log could be read.
    func check() throws {
        if let failure, !isAnyRead { throw failure }
    }

    private func show(_ line: ArraySlice<UInt8>, of pod: String) {
        let text = String(decoding: line, as: UTF8.self)
        switch format {
        case .table: Terminal.write(namesPods ? "\(pod)  \(text)\n" : "\(text)\n")
        case .json:
            let object = JSONObject([("pod", .string(pod)), ("line", .string(text))])
            Terminal.write("\(JSONValue.object(object))\n")
        }
    }
}
