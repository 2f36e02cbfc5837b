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

/// Gives each test of a suite threads on which it may block.
struct BlockingTrait: TestTrait, SuiteTrait, TestScoping {
    var isRecursive: Bool { true }

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await withTaskExecutorPreference(BlockingThreads()) { try await function() }
    }
}

extension Trait where Self == BlockingTrait {
    /// The test waits for sockets and processes on its own threads.
    static var blocking: Self { Self() }
}
