/// Merges patterns into a trie, one after another.
struct RouteTrieBuilder {
    private struct Place {
        var node = RouteTrie.Node()
        var ends: [RouteTrie.End] = []
        var rests: [RouteTrie.End] = []
    }

    private var places = [Place()]
    private var literals = LiteralTable()
    private var methods: [[UInt8]] = []
    private var parameterSegments: [[Int32]] = []

    /// Adds the next route.
    mutating func add(_ pattern: RoutePattern) throws(RouteConflict) {
        let route = parameterSegments.count
        var place = 0
        var parameters: [Int32] = []
        var takesRest = false
        for (index, segment) in pattern.segments.enumerated() {
            switch segment {
            case .literal(let text):
                place = literalChild(of: place, Array(text.utf8))
            case .parameter:
                parameters.append(Int32(truncatingIfNeeded: index))
                place = parameterChild(of: place)
            case .rest:
                parameters.append(~Int32(truncatingIfNeeded: index))
                takesRest = true
            }
        }
        let end = RouteTrie.End(method: position(of: pattern.method), route: Int32(truncatingIfNeeded: route))
        let earlier = takesRest ? places[place].rests : places[place].ends
        if let twin = earlier.first(where: { $0.method == end.method }) {
            throw RouteConflict(first: Int(twin.route), second: route, pattern: pattern)
        }
        if takesRest { places[place].rests.append(end) } else { places[place].ends.append(end) }
        parameterSegments.append(parameters)
    }

    /// The trie of all routes added.
    func finish() -> RouteTrie {
        var ends: [RouteTrie.End] = []
        let nodes = places.map { place in
            var node = place.node
            node.ends = append(place.ends, to: &ends)
            node.rests = append(place.rests, to: &ends)
            return node
        }
        return RouteTrie(
            nodes: nodes,
            ends: ends,
            literals: literals,
            methods: methods,
            get: methods.firstIndex(of: Array("GET".utf8)).map { Int32(truncatingIfNeeded: $0) },
            parameterSegments: parameterSegments
        )
    }

    private func append(_ added: [RouteTrie.End], to ends: inout [RouteTrie.End]) -> Range<Int32> {
        let start = Int32(truncatingIfNeeded: ends.count)
        ends += added
        return start..<Int32(truncatingIfNeeded: ends.count)
    }

    private mutating func position(of method: RoutePattern.Method) -> Int32 {
        guard case .named(let name) = method else { return RouteTrie.anyMethod }
        let bytes = Array(name.utf8)
        if let known = methods.firstIndex(of: bytes) { return Int32(truncatingIfNeeded: known) }
        methods.append(bytes)
        return Int32(truncatingIfNeeded: methods.count - 1)
    }

    private mutating func literalChild(of parent: Int, _ segment: [UInt8]) -> Int {
        if let child = segment.withUnsafeBytes({ literals.child(of: parent, $0) }) { return child }
        places[parent].node.hasLiterals = true
        places.append(Place())
        literals.insert(places.count - 1, of: parent, segment)
        return places.count - 1
    }

    private mutating func parameterChild(of parent: Int) -> Int {
        let known = places[parent].node.parameter
        if known >= 0 { return Int(known) }
        places.append(Place())
        places[parent].node.parameter = Int32(truncatingIfNeeded: places.count - 1)
        return places.count - 1
    }
}
