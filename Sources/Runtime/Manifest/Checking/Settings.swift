/// What `defaults` and each function may set; what is not set is left to the layer below.
struct Settings: Sendable {
    var timeout: Duration?
    var concurrency: Int?
    var memory: Int?
    var queue: Int?
    var maxBody: Int?
    var retry: RetryRule?
    var environment: [EnvironmentVariable] = []
    var scale = ScaleSettings()
}

/// What a `scale` mapping sets.
struct ScaleSettings: Sendable {
    var min: Located<Int>?
    var max: Located<Int>?
    var idle: Duration?
    var policy: Located<String>?
    var parameters: [Located<PolicyDeclaration.Parameter>] = []
    var windows: [Located<ScaleWindow>]?
}
