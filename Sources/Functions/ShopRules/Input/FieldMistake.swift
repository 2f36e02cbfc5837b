/// What is wrong with one field of a request.
package struct FieldMistake: Hashable, Sendable {
    /// Where the field is.
    package enum Place: Hashable, Sendable {
        /// A JSON pointer into the body (RFC 6901).
        case body(pointer: String)
        /// A parameter of the query.
        case query
        /// A segment of the path.
        case path
        /// A header.
        case header
    }

    /// The field's name, for example `size` or `shippingAddress.country`.
    package var field: String
    /// Where it is.
    package var place: Place
    /// What is wrong, and how to mend it.
    package var detail: String

    /// Puts a mistake together.
    package init(field: String, place: Place, detail: String) {
        self.field = field
        self.place = place
        self.detail = detail
    }
}

/// A request whose fields are wrong: all of them at once.
package struct InvalidInput: Error, Hashable, Sendable {
    /// What is wrong, at least one thing.
    package var mistakes: [FieldMistake]

    /// Takes the mistakes found.
    package init(_ mistakes: [FieldMistake]) {
        self.mistakes = mistakes
    }

    /// Takes one mistake.
    package init(_ field: String, in place: FieldMistake.Place, _ detail: String) {
        mistakes = [FieldMistake(field: field, place: place, detail: detail)]
    }
}
