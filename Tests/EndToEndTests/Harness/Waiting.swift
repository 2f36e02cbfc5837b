import Glibc

/// Waits for a condition, looking again and again.
///
/// - Throws: `TestFailure` when it does not come about in time, with the last thing `state` says.
func eventually(
    _ what: String,
    within bound: Duration = .seconds(60),
    state: @autoclosure () -> String = "",
    _ condition: () throws -> Bool
) throws {
    let end = ContinuousClock.now + bound
    while try !condition() {
        guard ContinuousClock.now < end else {
            throw TestFailure("not within \(bound): \(what) \(state())")
        }
        usleep(2_000)
    }
}

/// What a slow sender does between two pieces of a body.
func pauseBetweenPieces() { usleep(150_000) }
