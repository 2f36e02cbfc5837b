import Synchronization

/// A value that several tasks of a test share.
final class Box<Value: Sendable>: Sendable {
    private let value: Mutex<Value>

    init(_ value: Value) { self.value = Mutex(value) }

    var current: Value { value.withLock { $0 } }

    func set(_ new: Value) { value.withLock { $0 = new } }

    func update<Result: Sendable>(_ body: (inout sending Value) -> sending Result) -> Result {
        value.withLock(body)
    }

    func take<Wrapped>() -> Value where Value == Wrapped? {
        value.withLock { value in
            let taken = value
            value = nil
            return taken
        }
    }
}
