/// Whether a function should have any worker at all.
package struct IsActiveResponse: WireMessage {
    package var result = false

    package init() {}

    package init(result: Bool) { self.result = result }

    package mutating func read(_ field: WireField) throws(WireError) {
        if field.number == 1, let integer = field.integer { result = integer != 0 }
    }

    package func write(to writer: inout WireWriter) {
        writer.integer(1, result ? 1 : 0)
    }
}
