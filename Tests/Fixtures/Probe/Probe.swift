import FunctionKit

/// A module for tests of the runtime: each function misbehaves in one way, or in none.
///
/// It is never shipped.
@main struct Probe: FunctionModule {
    static let functions = Functions {
        Hello.self
        Echo.self
        Inspect.self
        Count.self
        Sleep.self
        IgnoreCancellation.self
        BusyLoop.self
        BlockForever.self
        Throw.self
        ThrowProblem.self
        BadHeader.self
        BadStatus.self
        BigResponse.self
        StreamOut.self
        StreamThenThrow.self
        StreamForever.self
        NeverReadBody.self
        DecodeJSON.self
        CountInValkey.self
        CountThenBlock.self
        StoreMuch.self
        Remember.self
        Log.self
        Print.self
        Crash.self
        ExitNow.self
        AllocateMemory.self
        SlowStart.self
        FailStart.self
        CrashAtStart.self
        HangAtStart.self
    }
}
