/// The routes' patterns, merged by their common beginnings, in flat arrays.
struct RouteTrie: Sendable {
    /// A place in the trie; the segments that led here have been matched.
    struct Node: Sendable {
        var hasLiterals = false
        /// The node behind a parameter, or -1.
        var parameter: Int32 = -1
        /// The routes that end here.
        var ends: Range<Int32> = 0..<0
        /// The routes that take all the rest from here.
        var rests: Range<Int32> = 0..<0
    }

    /// A route at the node where it ends.
    struct End: Sendable {
        /// The position of the method in `methods`; `anyMethod` for all.
        let method: Int32
        /// The position of the route among those given.
        let route: Int32
    }

    enum Outcome {
        case found(Int)
        case methodNotAllowed
        case notFound
    }

    static let anyMethod: Int32 = -1
    private static let unknownMethod: Int32 = -2
    private static let root = 0

    let nodes: [Node]
    let ends: [End]
    let literals: LiteralTable
    let methods: [[UInt8]]
    let get: Int32?
    /// Per route which segments of the path are parameters; a last negative one takes all the rest.
    let parameterSegments: [[Int32]]

    /// A request under way through the trie.
    private struct Search {
        let path: UnsafeRawBufferPointer
        let method: Int32
        /// The method that stands in where `method` has no route: GET for HEAD.
        let substitute: Int32
        var foundPath = false
    }

    /// Finds the route that matches best.
    func find(method: UnsafeRawBufferPointer, path: UnsafeRawBufferPointer) -> Outcome {
        guard path.first == UInt8(ascii: "/") else { return .notFound }
        let position = position(of: method)
        let isHead = method.elementsEqual("HEAD".utf8)
        var search = Search(
            path: path,
            method: position,
            substitute: isHead ? get ?? Self.unknownMethod : Self.unknownMethod
        )
        let route = descend(from: Self.root, at: 1, &search)
        if route >= 0 { return .found(Int(route)) }
        return search.foundPath ? .methodNotAllowed : .notFound
    }

    private func position(of method: UnsafeRawBufferPointer) -> Int32 {
        for (index, name) in methods.enumerated() where name.count == method.count {
            if name.elementsEqual(method) { return Int32(truncatingIfNeeded: index) }
        }
        return Self.unknownMethod
    }

    /// Tries the segment at `start` as literal, parameter and rest, in this order; the depth is that of the trie.
    private func descend(from node: Int, at start: Int, _ search: inout Search) -> Int32 {
        let path = search.path
        var end = start
        while end < path.count, path[end] != UInt8(ascii: "/") { end += 1 }
        let place = nodes[node]
        if place.hasLiterals {
            let segment = UnsafeRawBufferPointer(rebasing: path[start..<end])
            if let child = literals.child(of: node, segment) {
                let route = step(to: child, end, &search)
                if route >= 0 { return route }
            }
        }
        if place.parameter >= 0, end > start {
            let route = step(to: Int(place.parameter), end, &search)
            if route >= 0 { return route }
        }
        return choose(place.rests, &search)
    }

    private func step(to child: Int, _ end: Int, _ search: inout Search) -> Int32 {
        end == search.path.count
            ? choose(nodes[child].ends, &search) : descend(from: child, at: end + 1, &search)
    }

    /// The route of the request's method among those that end at one place, or -1.
    private func choose(_ candidates: Range<Int32>, _ search: inout Search) -> Int32 {
        guard !candidates.isEmpty else { return -1 }
        search.foundPath = true
        var substitute: Int32 = -1
        var any: Int32 = -1
        for index in candidates {
            let end = ends[Int(index)]
            if end.method == search.method { return end.route }
            if end.method == search.substitute { substitute = end.route }
            if end.method == Self.anyMethod { any = end.route }
        }
        return substitute >= 0 ? substitute : any
    }

    /// Where the parameters of a route stand in a path that it matches.
    func parameters(of route: Int, in path: UnsafeRawBufferPointer) -> [Range<Int>] {
        let wanted = parameterSegments[route]
        guard !wanted.isEmpty else { return [] }
        var ranges: [Range<Int>] = []
        ranges.reserveCapacity(wanted.count)
        var segment: Int32 = 0
        var start = 1
        for position in wanted {
            let isRest = position < 0
            let target = isRest ? ~position : position
            while segment < target {
                while start < path.count, path[start] != UInt8(ascii: "/") { start += 1 }
                start += 1
                segment += 1
            }
            var end = start
            while end < path.count, isRest || path[end] != UInt8(ascii: "/") { end += 1 }
            ranges.append(start..<end)
        }
        return ranges
    }

    /// The methods of all routes that match a path, as the `Allow` field lists them.
    func allowedMethods(path: UnsafeRawBufferPointer) -> String {
        var found: Set<Int32> = []
        collect(from: Self.root, at: 1, path, &found)
        var names = Set(found.map { String(decoding: methods[Int($0)], as: UTF8.self) })
        if names.contains("GET") { names.insert("HEAD") }
        names.insert("OPTIONS")
        return names.sorted().joined(separator: ", ")
    }

    private func collect(from node: Int, at start: Int, _ path: UnsafeRawBufferPointer, _ found: inout Set<Int32>) {
        var end = start
        while end < path.count, path[end] != UInt8(ascii: "/") { end += 1 }
        let place = nodes[node]
        let literal = literals.child(of: node, UnsafeRawBufferPointer(rebasing: path[start..<end]))
        let parameter = place.parameter >= 0 && end > start ? Int(place.parameter) : nil
        for child in [literal, parameter].compactMap({ $0 }) {
            if end == path.count {
                for index in nodes[child].ends { found.insert(ends[Int(index)].method) }
            } else {
                collect(from: child, at: end + 1, path, &found)
            }
        }
        for index in place.rests { found.insert(ends[Int(index)].method) }
    }
}
