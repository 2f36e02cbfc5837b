/// Which ScaledObject is spoken of, and what stands in its trigger's metadata.
///
/// This and the other messages are those of `externalscaler.proto` of KEDA 2.
package struct ScaledObjectRef: WireMessage {
    package var name = ""
    package var namespace = ""
    /// The trigger's `metadata`, KEDA's own keys among it.
    package var scalerMetadata: [String: String] = [:]

    package init() {}

    package init(name: String, namespace: String, scalerMetadata: [String: String]) {
        self.name = name
        self.namespace = namespace
        self.scalerMetadata = scalerMetadata
    }

    package mutating func read(_ field: WireField) throws(WireError) {
        switch field.number {
        case 1: name = try field.text() ?? name
        case 2: namespace = try field.text() ?? namespace
        case 3:
            guard let bytes = field.bytes else { return }
            var entry = MapEntry()
            try entry.merge(bytes)
            scalerMetadata[entry.key] = entry.value
        default: break
        }
    }

    package func write(to writer: inout WireWriter) {
        writer.text(1, name)
        writer.text(2, namespace)
        for (key, value) in scalerMetadata.sorted(by: { $0.key < $1.key }) {
            writer.message(3, MapEntry(key: key, value: value))
        }
    }
}

/// An entry of a map from strings to strings; a part that is missing is empty.
private struct MapEntry: WireMessage {
    var key = ""
    var value = ""

    mutating func read(_ field: WireField) throws(WireError) {
        switch field.number {
        case 1: key = try field.text() ?? key
        case 2: value = try field.text() ?? value
        default: break
        }
    }

    func write(to writer: inout WireWriter) {
        // Both always: so do other implementations.
        writer.text(1, key, evenEmpty: true)
        writer.text(2, value, evenEmpty: true)
    }
}
