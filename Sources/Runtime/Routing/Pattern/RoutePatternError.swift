/// A mistake in a route pattern: what it is, where, and how to mend it.
package struct RoutePatternError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong.
    package let problem: Problem
    /// Where in the pattern's text, in Unicode scalars, counted from one.
    package let column: Int
    /// What to write instead, as a sentence.
    package let fix: String

    /// What is wrong, where, and how to mend it.
    package var description: String { "\(problem.summary) at column \(column). \(fix)" }

    /// What is wrong and what to write instead, each to stand within a longer sentence.
    package var clauses: (problem: String, fix: String) {
        func clause(_ text: String) -> String {
            text.prefix(1).lowercased() + (text.hasSuffix(".") ? text.dropLast() : text[...]).dropFirst()
        }
        return (clause(problem.summary), clause(fix))
    }

    /// What is wrong with a pattern.
    package enum Problem: String, Sendable, Hashable, CaseIterable {
        case missingMethod = "missing-method"
        case invalidMethod = "invalid-method"
        case missingPath = "missing-path"
        case missingLeadingSlash = "missing-leading-slash"
        case emptySegment = "empty-segment"
        case tooManySegments = "too-many-segments"
        case unbalancedBrace = "unbalanced-brace"
        case textBesideBrace = "text-beside-brace"
        case invalidParameterName = "invalid-parameter-name"
        case duplicateParameter = "duplicate-parameter"
        case restNotLast = "rest-not-last"
        case queryInPattern = "query-in-pattern"
        case foreignParameter = "foreign-parameter"
        case invalidLiteral = "invalid-literal"

        /// What is wrong, without the place.
        package var summary: String {
            switch self {
            case .missingMethod: "The route has no method"
            case .invalidMethod: "The route's method is not valid"
            case .missingPath: "The route has no path"
            case .missingLeadingSlash: "The route's path does not begin with a slash"
            case .emptySegment: "The route's path has an empty segment"
            case .tooManySegments: "The route's path has more than \(RoutePattern.longestPath) segments"
            case .unbalancedBrace: "The route's path has an unbalanced brace"
            case .textBesideBrace: "The route's path has text beside a parameter"
            case .invalidParameterName: "The route's parameter has no valid name"
            case .duplicateParameter: "The route's path names a parameter twice"
            case .restNotLast: "The route's path goes on behind a parameter that takes all the rest"
            case .queryInPattern: "The route's path holds a query"
            case .foreignParameter: "The route's path has a parameter in another notation"
            case .invalidLiteral: "The route's path has a segment that no request's path can hold"
            }
        }
    }
}
