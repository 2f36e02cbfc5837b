import CCurl

/// libcurl's handles for single transfers, used again and again; they live on the loop's thread alone.
///
/// A handle brings buffers of tens of kilobytes with it, which are not worth making anew for each request.
final class EasyHandles {
    private static let mostIdle = 32
    private var idle: [UnsafeMutableRawPointer] = []

    deinit {
        clear()
    }

    /// A handle with no option set; nil when there is no memory for one.
    func take() -> UnsafeMutableRawPointer? {
        idle.popLast() ?? curl_easy_init()
    }

    /// Takes a handle back that is in no transfer any more.
    func giveBack(_ easy: UnsafeMutableRawPointer) {
        guard idle.count < Self.mostIdle else { return curl_easy_cleanup(easy) }
        // Forgets the options, with them everything that was secret in them.
        curl_easy_reset(easy)
        idle.append(easy)
    }

    /// Frees the handles that are in no transfer.
    func clear() {
        for easy in idle { curl_easy_cleanup(easy) }
        idle = []
    }
}
