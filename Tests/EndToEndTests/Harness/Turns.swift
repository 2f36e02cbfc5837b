import Glibc
import Synchronization

/// Lets so many tests run at a time as the machine can bear, in the order in which they come.
final class Turns: Sendable {
    private struct State {
        var free: Int
        var waiting: [(weight: Int, resume: CheckedContinuation<Void, Never>)] = []
    }

    /// All turns there are; whoever takes them all is alone.
    let count: Int
    private let state: Mutex<State>

    static let shared = Turns(max(2, sysconf(Int32(_SC_NPROCESSORS_ONLN))))

    init(_ count: Int) {
        self.count = count
        state = Mutex(State(free: count))
    }

    func take(_ weight: Int) async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                guard state.waiting.isEmpty, state.free >= weight else {
                    state.waiting.append((weight, continuation))
                    return false
                }
                state.free -= weight
                return true
            }
            if isFree { continuation.resume() }
        }
    }

    func giveBack(_ weight: Int) {
        let next = state.withLock { state in
            state.free += weight
            var next: [CheckedContinuation<Void, Never>] = []
            while let first = state.waiting.first, first.weight <= state.free {
                state.free -= first.weight
                next.append(first.resume)
                state.waiting.removeFirst()
            }
            return next
        }
        for continuation in next { continuation.resume() }
    }
}
