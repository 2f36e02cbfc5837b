/// JSON in UTF-8, written member by member from left to right.
///
/// For values that are written for every request: a coder finds its way through a value at run time, which takes several
/// times as long. Whoever uses it sees to it that a value writes the same as its `encode(to:)`.
package struct JSONText {
    /// What is written so far.
    package private(set) var bytes: [UInt8] = []
    /// Whether something stands before the next member or element in the same object or list.
    private var isFollowing = false

    /// Makes room for about so many bytes.
    package init(capacity: Int) {
        bytes.reserveCapacity(capacity)
    }

    /// Writes an object; the closure writes its members.
    package mutating func object(_ members: (inout JSONText) -> Void) {
        enclose(UInt8(ascii: "{"), UInt8(ascii: "}"), members)
    }

    /// Writes a list; the closure writes an element.
    package mutating func list<Element>(_ elements: [Element], _ write: (inout JSONText, Element) -> Void) {
        enclose(UInt8(ascii: "["), UInt8(ascii: "]")) { text in
            for element in elements {
                text.separate()
                write(&text, element)
            }
        }
    }

    /// Writes a member's name; its value follows.
    ///
    /// The name has nothing that must be escaped.
    package mutating func name(_ name: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: [UInt8(ascii: "\""), UInt8(ascii: ":")])
    }

    /// Writes a member.
    package mutating func member(_ name: StaticString, _ value: String) {
        self.name(name)
        bytes.appendJSON(value)
    }

    /// Writes a member unless it has no value.
    package mutating func member(_ name: StaticString, _ value: String?) {
        if let value { member(name, value) }
    }

    /// Writes a member.
    package mutating func member(_ name: StaticString, _ value: Int) {
        self.name(name)
        bytes.appendJSON(value)
    }

    private mutating func enclose(_ first: UInt8, _ last: UInt8, _ content: (inout JSONText) -> Void) {
        bytes.append(first)
        isFollowing = false
        content(&self)
        bytes.append(last)
        isFollowing = true
    }

    private mutating func separate() {
        if isFollowing { bytes.append(UInt8(ascii: ",")) }
        isFollowing = true
    }
}
