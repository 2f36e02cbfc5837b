/// Where in a value the coding is, as a list of steps from the inside out.
///
/// Steps are made only when something nested is entered, the array only when somebody asks for it.
final class CodingStep {
    enum Step {
        case name(any CodingKey)
        case index(Int)
    }

    let step: Step
    let outer: CodingStep?

    init(_ step: Step, within outer: CodingStep?) {
        self.step = step
        self.outer = outer
    }
}

extension CodingStep? {
    var path: [any CodingKey] {
        var keys: [any CodingKey] = []
        var current = self
        while let step = current {
            switch step.step {
            case .name(let key): keys.append(key)
            case .index(let index): keys.append(JSONKey(index))
            }
            current = step.outer
        }
        return keys.reversed()
    }
}

/// A name or a position where no key of the user's own stands.
struct JSONKey: CodingKey {
    let stringValue: String
    let intValue: Int?

    init(_ index: Int) {
        stringValue = String(index)
        intValue = index
    }

    init(stringValue: String) {
        self.stringValue = stringValue
        intValue = nil
    }

    init(intValue: Int) {
        self.init(intValue)
    }

    static let `super` = JSONKey(stringValue: "super")
}
