/// Elements in numbered places that are used again, so that a key is an index and not a hash.
///
/// A key carries its place's generation: a key of an element that was removed finds nothing, even when the place
/// holds another by then.
struct Slab<Element: Sendable>: Sendable {
    private struct Place: Sendable {
        var generation: UInt8 = 0
        var element: Element?
    }

    /// Places a key can name, by 24 of its 32 bits.
    static var capacity: Int { 1 << 24 }

    /// The first place stays empty: no key is 0, which frames keep for the connection itself.
    private var places = [Place()]
    private var vacant: [UInt32] = []
    private(set) var count = 0

    /// Puts an element into a vacant place and gives its key.
    ///
    /// - Precondition: fewer than `capacity` elements are held; the pool's bounds see to it.
    mutating func insert(_ element: Element) -> UInt32 {
        count += 1
        if let index = vacant.popLast() {
            places[Int(index)].element = element
            return UInt32(places[Int(index)].generation) << 24 | index
        }
        places.append(Place(element: element))
        return UInt32(places.count - 1)
    }

    /// The element of a key, `nil` once it was removed.
    subscript(key: UInt32) -> Element? {
        get {
            let index = Int(key & 0xFF_FFFF)
            guard index < places.count, places[index].generation == UInt8(key >> 24) else { return nil }
            return places[index].element
        }
        set {
            let index = Int(key & 0xFF_FFFF)
            guard index < places.count, places[index].generation == UInt8(key >> 24),
                places[index].element != nil
            else { return }
            places[index].element = newValue
            guard newValue == nil else { return }
            places[index].generation &+= 1
            vacant.append(UInt32(index))
            count -= 1
        }
    }

    /// The keys in use, in order of their places.
    var keys: [UInt32] {
        places.indices.compactMap { index in
            places[index].element == nil ? nil : UInt32(places[index].generation) << 24 | UInt32(index)
        }
    }
}
