/// One mistake in a manifest: where it is, what is wrong, and how to mend it.
package struct Diagnostic: Sendable, Hashable {
    /// Another place that belongs to the mistake, such as the first of two equal names.
    package struct Related: Sendable, Hashable {
        package var position: SourcePosition
        package var message: String

        package init(position: SourcePosition, message: String) {
            self.position = position
            self.message = message
        }
    }

    package var code: DiagnosticCode
    package var position: SourcePosition
    /// What is wrong, as one sentence without its full stop.
    package var message: String
    /// How to mend it, as one sentence without its full stop.
    package var fix: String
    package var related: [Related]

    package init(
        _ code: DiagnosticCode,
        at position: SourcePosition,
        _ message: String,
        fix: String,
        related: [Related] = []
    ) {
        self.code = code
        self.position = position
        self.message = message
        self.fix = fix
        self.related = related
    }
}
