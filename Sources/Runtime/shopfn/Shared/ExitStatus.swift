/// What the program's end tells a script.
enum ExitStatus: Int32 {
    case done = 0
    /// The function failed.
    case functionFailed = 1
    /// The command line or the manifest is wrong.
    case wrongUsage = 2
    /// Something outside could not be reached.
    case unreachable = 3
    /// The deadline passed.
    case deadlinePassed = 4
}
