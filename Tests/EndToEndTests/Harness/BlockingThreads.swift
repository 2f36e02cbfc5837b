import Glibc
import Testing

/// Runs every job on a thread of its own, so that a test may wait for sockets and processes without keeping the few
/// threads of Swift's own pool from the other tests.
final class BlockingThreads: TaskExecutor {
    private final class Box {
        let job: UnownedJob
        let executor: BlockingThreads

        init(_ job: UnownedJob, _ executor: BlockingThreads) {
            self.job = job
            self.executor = executor
        }
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let box = Unmanaged.passRetained(Box(UnownedJob(job), self))
        var thread = pthread_t()
        let code = pthread_create(
            &thread,
            nil,
            { raw in
                guard let raw else { return nil }
                let box = Unmanaged<Box>.fromOpaque(raw).takeRetainedValue()
                box.job.runSynchronously(on: box.executor.asUnownedTaskExecutor())
                return nil
            },
            box.toOpaque()
        )
        precondition(code == 0, "no thread for a test: \(code)")
        pthread_detach(thread)
    }
}

/// Gives each test of a suite threads on which it may block, once it is its turn.
struct BlockingTrait: TestTrait, SuiteTrait, TestScoping {
    /// Whether the test has the machine for itself, as far as these tests go.
    var isAlone: Bool
    var isRecursive: Bool { true }

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        let weight = isAlone ? Turns.shared.count : 1
        await Turns.shared.take(weight)
        defer { Turns.shared.giveBack(weight) }
        try await withTaskExecutorPreference(BlockingThreads()) { try await function() }
    }
}

extension Trait where Self == BlockingTrait {
    /// The test waits for sockets and processes on its own threads, a few such tests at a time.
    static var blocking: Self { Self(isAlone: false) }
    /// The same, and no other such test runs beside it.
    static var alone: Self { Self(isAlone: true) }
}
