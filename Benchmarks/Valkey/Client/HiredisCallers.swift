import HiredisAsync

/// Tasks on hiredis's asynchronous context, which runs on a thread of its own.
struct HiredisCallers: @unchecked Sendable {
    // Its functions may be called from any thread.
    private let context: OpaquePointer

    private final class Waiter {
        let continuation: CheckedContinuation<[UInt8]?, Never>

        init(_ continuation: CheckedContinuation<[UInt8]?, Never>) {
            self.continuation = continuation
        }
    }

    init?(socket: String) {
        guard let context = hiredis_async_start(socket) else { return nil }
        self.context = context
    }

    func get(_ key: String) async -> [UInt8]? {
        await withCheckedContinuation { continuation in
            var key = key
            key.withUTF8 { bytes in
                bytes.withMemoryRebound(to: CChar.self) { bytes in
                    let waiter = Unmanaged.passRetained(Waiter(continuation)).toOpaque()
                    hiredis_async_get(context, bytes.baseAddress, bytes.count, Self.receive, waiter)
                }
            }
        }
    }

    func stop() {
        hiredis_async_stop(context)
    }

    private static let receive: hiredis_async_receiver = { context, value, length in
        guard let context else { return }
        let waiter = Unmanaged<Waiter>.fromOpaque(context).takeRetainedValue()
        waiter.continuation.resume(returning: value.map { Array(UnsafeRawBufferPointer(start: $0, count: length)) })
    }
}
