internal import Worker

/// The list of a module's functions.
public struct Functions: Sendable {
    let definitions: [HandlerDefinition]

    /// Lists functions by their types, one a line or separated by semicolons.
    public init(@FunctionsBuilder _ functions: () -> [Entry]) {
        definitions = functions().map(\.definition)
    }

    /// One function of the list.
    public struct Entry: Sendable {
        let definition: HandlerDefinition
    }
}

/// Builds the list of a module's functions.
@resultBuilder
public enum FunctionsBuilder {
    /// A type of function.
    public static func buildExpression<Function: HTTPFunction>(_ function: Function.Type) -> [Functions.Entry] {
        [Functions.Entry(definition: HTTPHandler<Function>.definition)]
    }

    /// Another list.
    public static func buildExpression(_ functions: [Functions.Entry]) -> [Functions.Entry] { functions }

    /// Puts the list together.
    public static func buildBlock(_ parts: [Functions.Entry]...) -> [Functions.Entry] { parts.flatMap { $0 } }

    /// A part that may be missing.
    public static func buildOptional(_ part: [Functions.Entry]?) -> [Functions.Entry] { part ?? [] }

    /// One of two parts.
    public static func buildEither(first part: [Functions.Entry]) -> [Functions.Entry] { part }

    /// One of two parts.
    public static func buildEither(second part: [Functions.Entry]) -> [Functions.Entry] { part }
}
