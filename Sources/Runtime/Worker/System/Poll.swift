import CShims
import Glibc

/// Waits for descriptors.
enum Poll {
    /// What a wait found on one descriptor.
    struct Events {
        fileprivate let bits: Int16

        /// Any of what was waited for.
        var isReady: Bool { bits != 0 }
        /// Something can be read, or the other side is gone, which a read will tell.
        var canRead: Bool { bits & ~Int16(POLLOUT) != 0 }
        /// There is room to write, or the other side is gone, which a write will tell.
        var canWrite: Bool { bits & ~Int16(POLLIN) != 0 }
    }

    /// What to wait for on one descriptor.
    struct Interest {
        fileprivate let poll: pollfd

        static func read(_ descriptor: CInt, orWrite: Bool = false) -> Interest {
            Interest(poll: pollfd(fd: descriptor, events: Int16(POLLIN) | (orWrite ? Int16(POLLOUT) : 0), revents: 0))
        }

        static func write(_ descriptor: CInt) -> Interest {
            Interest(poll: pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0))
        }

        static let nothing = Interest(poll: pollfd(fd: -1, events: 0, revents: 0))
    }

    /// Waits as below, for any number of descriptors.
    static func wait(_ interests: [Interest], nanoseconds: Int64?) throws(SystemError) -> [Events] {
        var polled = interests.map(\.poll)
        let found = polled.withUnsafeMutableBufferPointer { descriptors in
            shopfn_poll(descriptors.baseAddress, UInt(descriptors.count), nanoseconds.map { max(0, $0) } ?? -1)
        }
        guard found >= 0 || errno == EINTR else { throw SystemError("ppoll") }
        return polled.map { Events(bits: found > 0 ? $0.revents : 0) }
    }

    /// Waits until one of the descriptors is ready, a signal came or the time is over (nanoseconds; nil: for ever).
    static func wait<let count: Int>(
        _ interests: [count of Interest],
        nanoseconds: Int64?
    ) throws(SystemError) -> [count of Events] {
        var polled = InlineArray<count, pollfd> { interests[$0].poll }
        var span = polled.mutableSpan
        let found = span.withUnsafeMutableBufferPointer { descriptors in
            shopfn_poll(descriptors.baseAddress, UInt(count), nanoseconds.map { max(0, $0) } ?? -1)
        }
        guard found >= 0 || errno == EINTR else { throw SystemError("ppoll") }
        return InlineArray { Events(bits: found > 0 ? polled[$0].revents : 0) }
    }
}
