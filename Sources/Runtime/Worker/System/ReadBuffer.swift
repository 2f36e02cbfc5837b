import Glibc
import WorkerProtocol

/// Bytes received and not yet decoded: many frames a read, grown only for a frame that does not fit.
struct ReadBuffer: ~Copyable {
    private var storage: UnsafeMutableRawBufferPointer
    private var start = 0
    private var end = 0

    init(capacity: Int = 64 << 10) {
        storage = .allocate(byteCount: capacity, alignment: 16)
    }

    deinit {
        storage.deallocate()
    }

    /// The bytes to decode.
    var unread: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: storage[start..<end])
    }

    /// Marks the first `count` unread bytes as decoded.
    mutating func consume(_ count: Int) {
        start += count
        if start == end {
            start = 0
            end = 0
        }
    }

    /// Makes room for a frame of `needed` bytes at the front, moving what is unread there.
    mutating func reserve(_ needed: Int) {
        guard storage.count - start < needed || end == storage.count else { return }
        if needed > storage.count {
            let larger = UnsafeMutableRawBufferPointer.allocate(
                byteCount: max(needed, storage.count * 2),
                alignment: 16
            )
            larger.copyMemory(from: unread)
            storage.deallocate()
            storage = larger
        } else if start > 0, let base = storage.baseAddress {
            memmove(base, base + start, end - start)
        }
        end -= start
        start = 0
    }

    /// Receives into the room behind the unread bytes.
    ///
    /// - Returns: the number of bytes; 0 at the end of the stream; nil when nothing is there.
    mutating func receive(from transport: Transport) throws(SystemError) -> Int? {
        let room = UnsafeMutableRawBufferPointer(rebasing: storage[end...])
        guard let count = try transport.receive(room) else { return nil }
        end += count
        return count
    }
}
