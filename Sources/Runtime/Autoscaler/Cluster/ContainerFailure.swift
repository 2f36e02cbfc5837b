import JSON
import Text
import WorkerProtocol

/// Why a container does not run, from its status.
enum ContainerFailure {
    /// While workers cannot be had, clients are told to come again after this time.
    static let retryAfter = Duration.seconds(10)

    static func find(_ status: JSONValue) -> PoolFailure? {
        guard let waiting = status["state"]?["waiting"], let reason = waiting["reason"]?.stringValue else { return nil }
        let image = status["image"]?.stringValue ?? "the image"
        let message = waiting["message"]?.stringValue ?? ""
        switch reason {
        case "ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName", "RegistryUnavailable",
            "ImageInspectError", "SignatureValidationFailed":
            return failure(.imagePull, "image \(image) cannot be pulled", message.isEmpty ? reason : message)
        case "CrashLoopBackOff":
            return failure(.crashLoop, "the worker ends again and again", lastEnd(status) ?? message)
        case "CreateContainerConfigError", "CreateContainerError", "RunContainerError", "PreCreateHookError":
            return failure(.other, "the container cannot be made", message.isEmpty ? reason : message)
        default:
            return nil
        }
    }

    private static func failure(_ kind: PoolFailure.Kind, _ what: String, _ why: String) -> PoolFailure {
        let text = why.isEmpty ? what : "\(what): \(why)"
        return PoolFailure(kind: kind, message: String(text.prefix(500)), retryAfter: retryAfter)
    }

    /// How the container ended the last time, and what it said.
    private static func lastEnd(_ status: JSONValue) -> String? {
        guard let end = status["lastState"]?["terminated"] else { return nil }
        let reason = end["reason"]?.stringValue ?? ""
        var text: String
        if reason == "OOMKilled" {
            text = "it held more memory than its limit"
        } else if let signal = end["signal"]?.intValue, signal != 0 {
            text = "ended by \(SignalText.text(signal))"
        } else {
            text = "exit code \(end["exitCode"]?.intValue ?? 0)"
        }
        let message = (end["message"]?.stringValue ?? "").split(separator: "\n").last.map(String.init) ?? ""
        if !message.isEmpty { text += ", \(message)" }
        return text
    }
}
