/// The last decisions, oldest first, never more than ``capacity``.
struct DecisionHistory: Sendable {
    static let capacity = 32

    private var slots: [DecisionRecord] = []
    private var next = 0

    init() { slots.reserveCapacity(Self.capacity) }

    mutating func append(_ record: DecisionRecord) {
        if slots.count < Self.capacity {
            slots.append(record)
        } else {
            slots[next] = record
            next = (next + 1) % Self.capacity
        }
    }

    var oldestFirst: [DecisionRecord] { Array(slots[next...] + slots[..<next]) }
}
