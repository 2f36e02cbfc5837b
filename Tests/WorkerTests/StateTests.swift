import Glibc
import Testing
import WorkerProtocol

extension ProcessTests {
    @Suite struct StateTests {
        /// A Unix socket nobody listens on: the store cannot be reached.
        @Test func anUnreachableStoreIsAnsweredWith503() throws {
            let worker = try DirectWorker(
                "CountInValkey",
                environment: ["VALKEY_URL=unix:///nonexistent/valkey.sock"]
            )
            try worker.gateway.invoke(1)
            let response = try worker.gateway.response(1)
            #expect(response.status == 503)
            #expect(response.text.contains("urn:shopfn:problem:state-unavailable"))
            #expect(!response.text.contains("nonexistent"), "where the store is stays inside")
            #expect(worker.process.text.contains("nonexistent"))
        }

        @Test func aStoreNamedWronglyKeepsTheWorkerFromStarting() throws {
            let worker = try DirectWorker("Hello", environment: ["VALKEY_URL=http://x"], welcomed: false)
            guard case .hello = try worker.gateway.next(), case .startFailed(let reason) = try worker.gateway.next()
            else { throw ProbeProcess.Failed(description: "no startFailed") }
            #expect(reason.contains("VALKEY_URL is wrong"), "\(reason)")
        }

        @Test func nothingIsStartedForAStoreNobodyAsksFor() throws {
            let idle = try DirectWorker("Hello")
            let user = try DirectWorker(
                "CountInValkey",
                environment: ["VALKEY_URL=unix:///nonexistent/valkey.sock"]
            )
            for worker in [idle, user] {
                try worker.gateway.invoke(1)
                _ = try worker.gateway.response(1)
            }
            let names = { (worker: DirectWorker) in
                (procFile(worker.process.pid, "status") ?? "").split(separator: "\n").first { $0.hasPrefix("Threads:") }
            }
            let (without, with) = (names(idle), names(user))
            #expect(without != nil && with != nil && without != with, "\(without ?? "") and \(with ?? "")")
        }
    }
}
