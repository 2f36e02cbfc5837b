/// The whole catalogue in one value, prepared so that a worker reads it with next to no work.
///
/// Records end with U+001E and their fields with U+001F, which JSON and folded words never hold.
package enum CatalogDocument {
    private static let endOfField: UInt8 = 0x1F
    private static let endOfRecord: UInt8 = 0x1E

    /// Writes entries.
    package static func encode(_ entries: [CatalogEntry]) -> [UInt8] {
        var bytes: [UInt8] = []
        func field(_ content: some Sequence<UInt8>) {
            bytes.append(contentsOf: content)
            bytes.append(endOfField)
        }
        for entry in entries {
            field(entry.id.utf8)
            field(entry.sortName.utf8)
            field(String(entry.price).utf8)
            field(entry.categories.joined(separator: "\n").utf8)
            field(entry.words.name.joined(separator: " ").utf8)
            field(entry.words.categories.joined(separator: " ").utf8)
            field(entry.words.description.joined(separator: " ").utf8)
            field(entry.encoded.tag.utf8)
            field(entry.encoded.prefix)
            bytes.append(endOfRecord)
        }
        return bytes
    }

    /// Reads entries; nil for something `encode` did not write.
    package static func decode(_ bytes: [UInt8]) -> [CatalogEntry]? {
        var entries: [CatalogEntry] = []
        for record in bytes.split(separator: endOfRecord) {
            let fields = record.split(separator: endOfField, omittingEmptySubsequences: false)
            guard fields.count == 10, fields[9].isEmpty, let price = Int(text(fields[2])) else { return nil }
            entries.append(
                CatalogEntry(
                    id: text(fields[0]),
                    sortName: text(fields[1]),
                    price: price,
                    categories: list(fields[3], separator: UInt8(ascii: "\n")),
                    words: ProductWords(
                        name: list(fields[4], separator: UInt8(ascii: " ")),
                        categories: list(fields[5], separator: UInt8(ascii: " ")),
                        description: list(fields[6], separator: UInt8(ascii: " "))
                    ),
                    encoded: EncodedProduct(prefix: Array(fields[8]), tag: text(fields[7]))
                )
            )
        }
        return entries
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes, as: UTF8.self)
    }

    private static func list(_ bytes: ArraySlice<UInt8>, separator: UInt8) -> [String] {
        bytes.split(separator: separator).map(text)
    }
}
