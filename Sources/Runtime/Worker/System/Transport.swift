import CTLS
import Glibc
import Synchronization

/// The bytes' way to a gateway and from it; no call waits.
enum Transport: Sendable {
    case plain(CInt)
    case secure(SecureStream)

    /// What to poll.
    var descriptor: CInt {
        switch self {
        case .plain(let descriptor): descriptor
        case .secure(let stream): stream.descriptor
        }
    }

    /// Sends what is taken without waiting; nil when nothing is taken now.
    func send(_ bytes: UnsafeRawBufferPointer) throws(SystemError) -> Int? {
        switch self {
        case .plain(let descriptor): try Sockets.send(descriptor, bytes)
        case .secure(let stream): try stream.send(bytes)
        }
    }

    /// Receives what is there without waiting; 0 at the end of the stream, nil when nothing is there.
    func receive(_ bytes: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int? {
        switch self {
        case .plain(let descriptor): try Sockets.receive(descriptor, bytes)
        case .secure(let stream): try stream.receive(bytes)
        }
    }

    /// Whether bytes may have been received that a poll of the descriptor does not tell of.
    var mayHoldBytes: Bool {
        if case .secure = self { true } else { false }
    }

    /// Says that nothing more is sent.
    func end() {
        if case .secure(let stream) = self { stream.end() }
        shutdown(descriptor, Int32(SHUT_WR))
    }

    func close() {
        switch self {
        case .plain(let descriptor): Glibc.close(descriptor)
        case .secure(let stream): stream.close()
        }
    }
}

/// TLS on a connected socket.
///
/// A thread reads while others write, so a lock is held around every call.
final class SecureStream: Sendable {
    /// Unchecked: OpenSSL allows a connection's use from any thread, one at a time, which the lock sees to.
    private struct Handle: @unchecked Sendable {
        var tls: OpaquePointer?
    }

    let descriptor: CInt
    private let handle: Mutex<Handle>

    /// Starts a client's end on a non-blocking socket.
    ///
    /// `name`: the host name or address the gateway's certificate must be valid for.
    init(descriptor: CInt, authorities: Authorities, name: String) throws(SystemError) {
        self.descriptor = descriptor
        handle = Mutex(Handle(tls: try authorities.stream(on: descriptor, name)))
    }

    deinit {
        handle.withLock { if let tls = $0.tls { shopfn_tls_free(tls) } }
    }

    /// What the handshake waits for.
    enum Handshake {
        case done
        case read
        case write
    }

    /// Goes on with the handshake.
    func handshake() throws(SystemError) -> Handshake {
        try handle.withLock { (handle) throws(SystemError) in
            guard let tls = handle.tls else { throw SystemError("TLS", code: ENOTCONN) }
            var text = [CChar](repeating: 0, count: 512)
            switch Int(shopfn_tls_handshake(tls, &text, text.count)) {
            case 1: return .done
            case Int(SHOPFN_TLS_WANTS_READ): return .read
            case Int(SHOPFN_TLS_WANTS_WRITE): return .write
            default: throw SystemError(String(textOf: text), code: EPROTO)
            }
        }
    }

    func send(_ bytes: UnsafeRawBufferPointer) throws(SystemError) -> Int? {
        try result("send") { shopfn_tls_write($0, bytes.baseAddress, bytes.count) }
    }

    func receive(_ bytes: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int? {
        try result("receive") { shopfn_tls_read($0, bytes.baseAddress, bytes.count) }
    }

    private func result(_ action: String, _ body: (OpaquePointer) -> Int) throws(SystemError) -> Int? {
        try handle.withLock { (handle) throws(SystemError) in
            guard let tls = handle.tls else { throw SystemError(action, code: ENOTCONN) }
            let count = body(tls)
            if count >= 0 { return count }
            if count == Int(SHOPFN_TLS_FAILED) {
                throw SystemError("\(action) over TLS", code: errno == 0 ? EPROTO : errno)
            }
            return nil
        }
    }

    func end() {
        handle.withLock { if let tls = $0.tls { shopfn_tls_end(tls) } }
    }

    func close() {
        handle.withLock { handle in
            guard let tls = handle.tls else { return }
            shopfn_tls_free(tls)
            handle.tls = nil
            Glibc.close(descriptor)
        }
    }
}

/// The certificate authorities of a PEM file.
final class Authorities: Sendable {
    /// Unchecked: OpenSSL counts the users of a context and locks it itself.
    private struct Handle: @unchecked Sendable {
        let context: OpaquePointer
    }

    private let handle: Handle

    init(file: String) throws(SystemError) {
        var text = [CChar](repeating: 0, count: 512)
        guard let context = shopfn_tls_context_new(file, &text, text.count) else {
            throw SystemError("the certificate authorities \(String(textOf: text))", code: EINVAL)
        }
        handle = Handle(context: context)
    }

    deinit {
        shopfn_tls_context_free(handle.context)
    }

    fileprivate func stream(on descriptor: CInt, _ name: String) throws(SystemError) -> OpaquePointer {
        var text = [CChar](repeating: 0, count: 512)
        guard let tls = shopfn_tls_new(handle.context, descriptor, name, &text, text.count) else {
            throw SystemError(String(textOf: text), code: EINVAL)
        }
        return tls
    }
}

extension String {
    /// What C wrote into a buffer.
    fileprivate init(textOf buffer: [CChar]) {
        self.init(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
