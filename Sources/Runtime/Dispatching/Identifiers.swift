/// An invocation's key in its pool.
///
/// It fits a frame's 32-bit id, and is not used again until the worker gave the invocation's slot back.
package struct InvocationID: Hashable, Sendable {
    package var raw: UInt32

    package init(raw: UInt32) {
        self.raw = raw
    }
}

/// A connected worker's key in its pool.
///
/// Low numbers are filled first and retired last.
package struct WorkerID: Hashable, Sendable {
    package var raw: UInt32

    package init(raw: UInt32) {
        self.raw = raw
    }

    var index: Int { Int(raw & 0xFF_FFFF) }
}
