import Glibc
import HTTPWire
import NIOCore

/// What the connections of one event loop share; only that loop touches it.
final class LoopLocal {
    /// A buffer for one response at a time.
    var scratch: [UInt8] = []

    private(set) var connections: [ObjectIdentifier: HTTPConnection] = [:]
    private(set) var isDraining = false
    private var whenEmpty: EventLoopPromise<Void>?

    private var second = 0
    private var dateBytes: [UInt8] = []
    private var seed: UInt64

    init() {
        seed = UInt64.random(in: .min ... .max)
    }

    /// The time of day as responses carry it.
    var date: [UInt8] {
        let now = time(nil)
        if now != second {
            second = now
            dateBytes = HTTPDate.bytes(secondsSince1970: now)
        }
        return dateBytes
    }

    /// Sixty-four bits that no other request has; not a secret (SplitMix64, seeded by the system).
    func random() -> UInt64 {
        seed &+= 0x9E37_79B9_7F4A_7C15
        var word = seed
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }

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
