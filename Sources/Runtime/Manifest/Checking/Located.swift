/// A value with the place it was read from.
struct Located<Value: Sendable>: Sendable {
    var value: Value
    var position: SourcePosition
}
