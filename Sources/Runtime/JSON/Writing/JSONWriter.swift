/// Appends JSON to bytes.
///
/// jansson's own writer prints 0.1 as 0.10000000000000001; this one prints the shortest digits that read back the same.
struct JSONWriter {
    enum NonFinite {
        case fail
        case null
    }

    var bytes: [UInt8] = []

    /// The first number that JSON cannot hold, if one was met.
    private(set) var unwritable: Double?

    mutating func write(_ value: JSONValue, style: JSONStyle, level: Int, nonFinite: NonFinite) {
        switch value {
        case .null: bytes.append(contentsOf: "null".utf8)
        case .bool(let truth): bytes.appendJSON(truth)
        case .int(let number): bytes.appendJSON(number)
        case .double(let number):
            if number.isFinite {
                bytes.appendJSON(number)
            } else {
                if nonFinite == .fail, unwritable == nil { unwritable = number }
                bytes.append(contentsOf: "null".utf8)
            }
        case .string(let text): bytes.appendJSON(text)
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                separate(first: index == 0, style: style, level: level + 1)
                write(element, style: style, level: level + 1, nonFinite: nonFinite)
            }
            close(UInt8(ascii: "]"), empty: elements.isEmpty, style: style, level: level)
        case .object(let object):
            bytes.append(UInt8(ascii: "{"))
            if style.sortsNames {
                let sorted = object.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
                write(members: sorted, style: style, level: level, nonFinite: nonFinite)
            } else {
                write(members: object, style: style, level: level, nonFinite: nonFinite)
            }
            close(UInt8(ascii: "}"), empty: object.isEmpty, style: style, level: level)
        }
    }

    private mutating func write(
        members: some Sequence<JSONObject.Element>,
        style: JSONStyle,
        level: Int,
        nonFinite: NonFinite
    ) {
        var first = true
        for (name, value) in members {
            separate(first: first, style: style, level: level + 1)
            first = false
            bytes.appendJSON(name)
            bytes.append(UInt8(ascii: ":"))
            if style.indentation != nil { bytes.append(UInt8(ascii: " ")) }
            write(value, style: style, level: level + 1, nonFinite: nonFinite)
        }
    }

    private mutating func separate(first: Bool, style: JSONStyle, level: Int) {
        if !first { bytes.append(UInt8(ascii: ",")) }
        breakLine(style: style, level: level)
    }

    private mutating func close(_ bracket: UInt8, empty: Bool, style: JSONStyle, level: Int) {
        if !empty { breakLine(style: style, level: level) }
        bytes.append(bracket)
    }

    private mutating func breakLine(style: JSONStyle, level: Int) {
        guard let indentation = style.indentation else { return }
        bytes.append(UInt8(ascii: "\n"))
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: indentation * level))
    }
}
