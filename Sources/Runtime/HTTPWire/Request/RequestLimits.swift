/// How much of a request is read before it is refused.
package struct RequestLimits: Sendable, Hashable {
    /// Bytes of the request line and all fields, with their line ends; beyond it 431 (414 within the request line).
    package let headBytes: Int
    /// Bytes of the request-target; beyond it 414.
    package let targetBytes: Int
    /// Header fields of a head; beyond it 431.
    package let headerCount: Int
    /// Bytes of a body without its framing; beyond it 413.
    package let bodyBytes: Int
    /// Bytes of the chunk extensions of one body; beyond it 400.
    package let chunkExtensionBytes: Int
    /// Bytes of the trailer section of one body; beyond it 431.
    package let trailerBytes: Int

    /// Sets the limits; a value out of range becomes the nearest that is within it.
    ///
    /// A head is at most 16 MiB, whatever is asked for, since its offsets are kept in 32 bits.
    package init(
        headBytes: Int = 16 << 10,
        targetBytes: Int = 8 << 10,
        headerCount: Int = 100,
        bodyBytes: Int = 6 << 20,
        chunkExtensionBytes: Int = 16 << 10,
        trailerBytes: Int = 8 << 10
    ) {
        self.headBytes = min(max(headBytes, 64), 16 << 20)
        self.targetBytes = max(targetBytes, 1)
        self.headerCount = max(headerCount, 1)
        self.bodyBytes = max(bodyBytes, 0)
        self.chunkExtensionBytes = max(chunkExtensionBytes, 0)
        self.trailerBytes = max(trailerBytes, 0)
    }
}
