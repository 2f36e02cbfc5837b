import Manifest

/// Reads a manifest with the given variables set and no other.
func read(_ yaml: String, _ variables: [String: String] = [:]) -> ManifestReading {
    ManifestReading(SourceText(yaml, file: "functions.yaml"), environment: { variables[$0] })
}

/// A manifest with one function, to which lines are added.
func withFunction(_ lines: String..., top: String = "") -> String {
    """
    version: 1
    service: shop
    \(top)
    functions:
      list-products:
        module: catalog
        handler: ListProducts
        route: GET /api/products

    """ + lines.map { "    \($0)\n" }.joined()
}

/// What a diagnostic says in short, for comparing whole lists.
func brief(_ reading: ManifestReading) -> [String] {
    reading.diagnostics.map { "\($0.position.line):\($0.position.column) \($0.code.rawValue)" }
}
