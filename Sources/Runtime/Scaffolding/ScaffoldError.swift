/// Why a function cannot be added, and what to do instead.
package struct ScaffoldError: Error, Sendable, Equatable {
    package var message: String
    package var fix: String

    package init(_ message: String, fix: String) {
        self.message = message
        self.fix = fix
    }
}
