import Glibc

/// Threads of the worker's own.
enum Thread {
    /// Starts a thread that never ends before its process.
    static func start(_ body: @escaping @Sendable () -> Never) throws(SystemError) {
        var thread = pthread_t()
        let argument = Unmanaged.passRetained(Body(body))
        let code = pthread_create(
            &thread,
            nil,
            { raw in
                guard let raw else { return nil }
                Unmanaged<Body>.fromOpaque(raw).takeRetainedValue().run()
            },
            argument.toOpaque()
        )
        guard code == 0 else {
            argument.release()
            throw SystemError("pthread_create", code: code)
        }
        pthread_detach(thread)
    }

    private final class Body: Sendable {
        let run: @Sendable () -> Never

        init(_ run: @escaping @Sendable () -> Never) {
            self.run = run
        }
    }
}
