/// The members of a JSON object, in order, each name once.
public struct JSONObject: Sendable {
    /// A name and its value.
    public typealias Element = (name: String, value: JSONValue)

    private var members: [Element] = []
    /// Positions by name, kept only where looking through the members would cost more.
    private var positions: [String: Int]?

    private static let indexedFrom = 16

    /// Makes an object without members.
    public init() {}

    /// Makes an object of members; of a name given twice the last value counts.
    public init(_ members: some Sequence<(String, JSONValue)>) {
        for (name, value) in members { self[name] = value }
    }

    /// The names, in order.
    public var names: [String] { members.map(\.name) }

    /// The value of a name; setting `nil` removes the member, a new name goes to the end.
    public subscript(name: String) -> JSONValue? {
        get { position(of: name).map { members[$0].value } }
        set {
            switch (position(of: name), newValue) {
            case (let position?, let value?): members[position].value = value
            case (nil, let value?): append(name, value)
            case (let position?, nil): remove(at: position)
            case (nil, nil): break
            }
        }
    }

    /// Adds a member whose name is known to be new.
    mutating func append(_ name: String, _ value: JSONValue) {
        members.append((name, value))
        if positions != nil {
            positions?[name] = members.count - 1
        } else if members.count == Self.indexedFrom {
            rebuildPositions()
        }
    }

    mutating func reserveCapacity(_ count: Int) {
        members.reserveCapacity(count)
    }

    private mutating func remove(at position: Int) {
        members.remove(at: position)
        if positions != nil { rebuildPositions() }
    }

    private mutating func rebuildPositions() {
        guard members.count >= Self.indexedFrom else {
            positions = nil
            return
        }
        var built = [String: Int](minimumCapacity: members.count)
        for (position, member) in members.enumerated() { built[member.name] = position }
        positions = built
    }

    private func position(of name: String) -> Int? {
        if let positions { return positions[name] }
        return members.firstIndex { $0.name == name }
    }
}

extension JSONObject: RandomAccessCollection {
    /// The first position.
    public var startIndex: Int { 0 }
    /// The position after the last.
    public var endIndex: Int { members.count }
    /// The member at a position.
    public subscript(position: Int) -> Element { members[position] }
}

extension JSONObject: Hashable {
    /// Whether both have the same names with the same values, in whatever order.
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.count == right.count && left.members.allSatisfy { right[$0.name] == $0.value }
    }

    /// Mixes the members in without regard to their order.
    public func hash(into hasher: inout Hasher) {
        var mixed = 0
        for (name, value) in members {
            var own = Hasher()
            own.combine(name)
            own.combine(value)
            mixed ^= own.finalize()
        }
        hasher.combine(mixed)
    }
}
