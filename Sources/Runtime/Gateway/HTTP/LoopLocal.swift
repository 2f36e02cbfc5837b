import Glibc
import HTTPWire
import NIOCore
import Randomness

/// What the connections of one event loop share; only that loop touches it.
final class LoopLocal {
    /// A buffer for one response at a time.
    var scratch: [UInt8] = []

    private(set) var connections: [ObjectIdentifier: HTTPConnection] = [:]
    private(set) var isDraining = false
    private var whenEmpty: EventLoopPromise<Void>?

    private var second = 0
    private var dateBytes: [UInt8] = []
    private var numbers = SeededRandom(seed: .random(in: .min ... .max))

    /// The time of day as responses carry it.
    var date: [UInt8] {
        let now = time(nil)
        if now != second {
            second = now
            dateBytes = HTTPDate.bytes(secondsSince1970: now)
        }
        return dateBytes
    }

    /// Sixty-four bits that no other request has; not a secret.
    func random() -> UInt64 { numbers.next() }

    func add(_ connection: HTTPConnection) {
        connections[ObjectIdentifier(connection)] = connection
        if isDraining { connection.drain() }
    }

    func remove(_ connection: HTTPConnection) {
        connections[ObjectIdentifier(connection)] = nil
        if connections.isEmpty { whenEmpty?.succeed() }
    }

    /// Closes connections as soon as they have no request under way; succeeds once none is left.
    func drain(_ promise: EventLoopPromise<Void>) {
        isDraining = true
        whenEmpty = promise
        for connection in connections.values { connection.drain() }
        if connections.isEmpty { promise.succeed() }
    }

    /// Closes what is left.
    func closeAll() {
        for connection in connections.values { connection.abort() }
    }
}
