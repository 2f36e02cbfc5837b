/// One gateway's figures of one pool.
package struct PoolDemand: Hashable, Sendable {
    /// The function's name.
    package var function: String
    /// Method and path pattern; empty for a function that no request reaches.
    package var route: String
    /// Arrivals since the gateway started, refused ones included.
    package var arrivals: UInt64
    /// Invocations that run or wait, and cancelled ones whose handler still holds its slot.
    package var inFlight: Int
    /// Those of them that wait for a slot.
    package var queued: Int
    /// Slots that can take an invocation now.
    package var freeSlots: Int
    /// Workers that are connected to this gateway and not leaving.
    package var readyWorkers: Int
    /// Workers that finish what they have.
    package var leavingWorkers: Int
    /// Slots of a worker, by the gateway's manifest.
    package var concurrency: Int

    package init(
        function: String,
        route: String = "",
        arrivals: UInt64 = 0,
        inFlight: Int = 0,
        queued: Int = 0,
        freeSlots: Int = 0,
        readyWorkers: Int = 0,
        leavingWorkers: Int = 0,
        concurrency: Int = 1
    ) {
        self.function = function
        self.route = route
        self.arrivals = arrivals
        self.inFlight = inFlight
        self.queued = queued
        self.freeSlots = freeSlots
        self.readyWorkers = readyWorkers
        self.leavingWorkers = leavingWorkers
        self.concurrency = concurrency
    }

    init(_ reader: inout PayloadReader) throws(ProtocolViolation) {
        arrivals = try reader.uint64()
        inFlight = Int(try reader.uint32())
        queued = Int(try reader.uint32())
        freeSlots = Int(try reader.uint32())
        readyWorkers = Int(try reader.uint32())
        leavingWorkers = Int(try reader.uint32())
        concurrency = Int(try reader.uint32())
        function = try reader.text()
        route = try reader.text()
    }

    func append(to buffer: inout [UInt8]) throws(ProtocolViolation) {
        let writer = PayloadWriter(FrameType.poolDemand, id: 0, to: &buffer)
        writer.integer(arrivals, to: &buffer)
        for figure in [inFlight, queued, freeSlots, readyWorkers, leavingWorkers, concurrency] {
            writer.integer(UInt32(clamping: figure), to: &buffer)
        }
        writer.text(function, to: &buffer)
        writer.text(route, to: &buffer)
        try writer.finish(&buffer)
    }
}
