internal import Glibc

/// A place where a test makes the process die as a crash does.
///
/// `SHOP_FAILPOINT` names one place, or says `random:N` for one pass in N of any. With `SHOP_FAILPOINT_ONCE` set to a
/// path the process that makes the file dies, and no other after it. Without the variables this costs a comparison.
package enum Failpoint {
    private enum Setting {
        case off
        case at(String, once: String?)
        case random(Int)
    }

    private static let setting: Setting = {
        guard let variable = getenv("SHOP_FAILPOINT") else { return .off }
        let text = String(cString: variable)
        if text.hasPrefix("random:") { return Int(text.dropFirst(7)).map { .random(max(1, $0)) } ?? .off }
        return text.isEmpty ? .off : .at(text, once: getenv("SHOP_FAILPOINT_ONCE").map { String(cString: $0) })
    }()

    /// Passes a place.
    package static func pass(_ place: String) {
        switch setting {
        case .off:
            return
        case .random(let chances):
            if Int.random(in: 0..<chances) == 0 { kill(getpid(), SIGKILL) }
        case .at(let wanted, let once):
            guard wanted == place else { return }
            if let once {
                let descriptor = open(once, O_CREAT | O_EXCL | O_WRONLY, 0o600)
                guard descriptor >= 0 else { return }
                close(descriptor)
            }
            kill(getpid(), SIGKILL)
        }
    }
}
