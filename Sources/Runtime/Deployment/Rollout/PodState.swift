package import JSON
package import Kubernetes

/// What a pod's status says about why it does not run.
package enum PodState {
    package struct Trouble: Equatable, Sendable {
        /// For people, in one line.
        package var text: String
        /// Whether waiting longer will not mend it.
        package var isFatal: Bool
    }

    /// The image of a pod's first container.
    package static func image(of spec: JSONValue?) -> String? { spec?["containers"]?[0]?["image"]?.stringValue }

    package static func isReady(_ pod: KubernetesObject) -> Bool {
        (pod["status", "conditions"]?.arrayValue ?? []).contains {
            $0["type"]?.stringValue == "Ready" && $0["status"]?.stringValue == "True"
        }
    }

    /// Why a pod does not run; nothing where it does, or has just begun.
    package static func trouble(of pod: KubernetesObject) -> Trouble? {
        for container in pod["status", "containerStatuses"]?.arrayValue ?? [] {
            guard let waiting = container["state"]?["waiting"], let reason = waiting["reason"]?.stringValue else {
                continue
            }
            let message = waiting["message"]?.stringValue.map { ": \($0)" } ?? ""
            let image = container["image"]?.stringValue ?? "its image"
            switch reason {
            case "ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull":
                return Trouble(
                    text: "\(image) cannot be pulled (\(reason)\(message))",
                    isFatal: reason != "ErrImagePull"
                )
            case "InvalidImageName": return Trouble(text: "'\(image)' is no image's name", isFatal: true)
            case "CrashLoopBackOff":
                let ended = container["lastState"]?["terminated"]
                let how =
                    ended?["reason"]?.stringValue == "OOMKilled"
                    ? "it takes more memory than it may" : "exit code \(ended?["exitCode"]?.intValue ?? -1)"
                return Trouble(
                    text: "the worker ends again and again: \(how)",
                    isFatal: container["restartCount"]?.intValue ?? 0 >= 2
                )
            case "CreateContainerConfigError", "CreateContainerError", "RunContainerError":
                return Trouble(text: "its container cannot be started (\(reason)\(message))", isFatal: false)
            default: continue
            }
        }
        let unscheduled = (pod["status", "conditions"]?.arrayValue ?? []).first {
            $0["type"]?.stringValue == "PodScheduled" && $0["status"]?.stringValue == "False"
        }
        return unscheduled.map {
            Trouble(text: "no node has room: \($0["message"]?.stringValue ?? "")", isFatal: false)
        }
    }
}
