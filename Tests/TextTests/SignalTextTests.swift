import Glibc
import Testing
import Text

@Suite struct SignalTextTests {
    @Test func signalsHaveTheirNames() {
        #expect(SignalText.text(SIGKILL) == "signal 9 (SIGKILL)")
        #expect(SignalText.text(SIGSEGV) == "signal 11 (SIGSEGV)")
        #expect(SignalText.text(64) == "signal 64")
    }

    @Test func whatASwiftTrapRaisesIsSaidToBeOne() {
        #expect(SignalText.text(SIGILL) == "signal 4 (SIGILL, as by a trap in Swift code)")
        #expect(SignalText.text(SIGTRAP) == "signal 5 (SIGTRAP, as by a trap in Swift code)")
    }
}
