internal import Glibc

/// The environment's variables, with getters that say what is wrong with a value.
public struct Environment: Sendable {
    private let lookUp: @Sendable (String) -> String?

    /// The variables of this process.
    public static let process = Environment { name in
        getenv(name).map { String(cString: $0) }
    }

    /// Given variables, for tests.
    public init(_ variables: [String: String]) {
        lookUp = { variables[$0] }
    }

    private init(lookUp: @escaping @Sendable (String) -> String?) {
        self.lookUp = lookUp
    }

    /// The variable's text, or nil when it is unset or empty.
    public subscript(name: String) -> String? {
        guard let value = lookUp(name), !value.isEmpty else { return nil }
        return value
    }

    /// The text of a variable that must be set.
    ///
    /// - Throws: `EnvironmentError` when it is unset or empty.
    public func string(_ name: String) throws(EnvironmentError) -> String {
        guard let value = self[name] else { throw EnvironmentError(name: name, problem: "is not set") }
        return value
    }

    /// The text of a variable, or the default when it is unset or empty.
    public func string(_ name: String, default fallback: String) -> String {
        self[name] ?? fallback
    }

    /// A whole number.
    ///
    /// - Throws: `EnvironmentError` when it is unset and has no default, is no number, or is out of range.
    public func int(
        _ name: String,
        default fallback: Int? = nil,
        in range: ClosedRange<Int> = .min ... .max
    ) throws(EnvironmentError) -> Int {
        guard let text = self[name] else {
            guard let fallback else { throw EnvironmentError(name: name, problem: "is not set") }
            return fallback
        }
        guard let number = Int(text) else {
            throw EnvironmentError(name: name, problem: "is '\(text)'; a whole number is needed")
        }
        guard range.contains(number) else {
            throw EnvironmentError(
                name: name,
                problem: "is \(number); it must be from \(range.lowerBound) to \(range.upperBound)"
            )
        }
        return number
    }

    /// A switch: `true`, `yes`, `on` or `1`; `false`, `no`, `off` or `0`.
    ///
    /// - Throws: `EnvironmentError` when it is unset and has no default, or is something else.
    public func bool(_ name: String, default fallback: Bool? = nil) throws(EnvironmentError) -> Bool {
        guard let text = self[name] else {
            guard let fallback else { throw EnvironmentError(name: name, problem: "is not set") }
            return fallback
        }
        switch text.lowercased() {
        case "true", "yes", "on", "1": return true
        case "false", "no", "off", "0": return false
        default: throw EnvironmentError(name: name, problem: "is '\(text)'; write true or false")
        }
    }

    /// A duration: a whole number with `ms`, `s`, `m` or `h`, for example `1500ms`.
    ///
    /// - Throws: `EnvironmentError` when it is unset and has no default, or is no duration.
    public func duration(_ name: String, default fallback: Duration? = nil) throws(EnvironmentError) -> Duration {
        guard let text = self[name] else {
            guard let fallback else { throw EnvironmentError(name: name, problem: "is not set") }
            return fallback
        }
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let factors: [String: Int] = ["ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000]
        guard let number = Int(digits), let factor = factors[String(text[digits.endIndex...])] else {
            throw EnvironmentError(name: name, problem: "is '\(text)'; write a duration such as 1500ms, 10s, 5m or 1h")
        }
        let (milliseconds, overflow) = number.multipliedReportingOverflow(by: factor)
        guard !overflow else { throw EnvironmentError(name: name, problem: "is '\(text)', which is too long") }
        return .milliseconds(milliseconds)
    }
}

/// A variable of the environment is missing or has a value that cannot be used.
public struct EnvironmentError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The variable's name.
    public let name: String
    /// What is wrong with it.
    public let problem: String

    /// A sentence for logs.
    public var description: String { "the environment variable \(name) \(problem)" }
}
