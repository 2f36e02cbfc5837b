/// What kind of mistake a diagnostic names: stable, for programs that read the JSON form.
package enum DiagnosticCode: String, Sendable, CaseIterable {
    /// The file holds nothing.
    case emptyFile = "empty-file"
    /// The file is larger than a manifest may be.
    case fileTooLarge = "file-too-large"
    /// The file is not UTF-8 text, or holds control characters.
    case notText = "not-text"
    /// The file is not well-formed YAML.
    case yamlSyntax = "yaml-syntax"
    /// Mappings and lists stand too deep within each other.
    case tooDeep = "too-deep"
    /// A YAML feature that a manifest has no use for.
    case unsupportedYAML = "unsupported-yaml"
    /// A key stands twice in one mapping.
    case duplicateKey = "duplicate-key"
    /// Two functions bear one name.
    case duplicateFunction = "duplicate-function"
    /// A key that means nothing here.
    case unknownKey = "unknown-key"
    /// A key that must be given is not.
    case missingKey = "missing-key"
    /// Two keys that exclude each other stand together.
    case conflictingKeys = "conflicting-keys"
    /// A mapping, list, number or text where another kind is needed.
    case wrongType = "wrong-type"
    /// The manifest's format is of a version this program does not know.
    case unknownVersion = "unknown-version"
    /// A name is not formed as names must be.
    case badName = "bad-name"
    /// A route cannot be read.
    case badRoute = "bad-route"
    /// Two routes match the same request.
    case conflictingRoutes = "conflicting-routes"
    /// A duration cannot be read.
    case badDuration = "bad-duration"
    /// A size cannot be read.
    case badSize = "bad-size"
    /// A schedule cannot be read.
    case badSchedule = "bad-schedule"
    /// A value is none of those that are allowed.
    case badValue = "bad-value"
    /// A number, duration or size is too small or too large.
    case outOfRange = "out-of-range"
    /// The least number of workers is above the greatest.
    case minAboveMax = "min-above-max"
    /// A variable without default is not set.
    case unsetVariable = "unset-variable"
    /// A `${…}` cannot be read.
    case badInterpolation = "bad-interpolation"
    /// A module has no executable.
    case moduleNotBuilt = "module-not-built"
    /// A module's executable cannot say what it holds.
    case moduleUnusable = "module-unusable"
    /// A module has no such handler.
    case unknownHandler = "unknown-handler"
    /// There are more mistakes than are listed.
    case tooManyMistakes = "too-many-mistakes"
}
