/// Why a scalar's text is not the value it should be, without its place.
struct ValueError: Error, Equatable {
    var code: DiagnosticCode
    var message: String
    var fix: String
}
