import Foundation
import Scaling
import Testing

/// The public traces, where `SHOPFN_TRACES` names the folder that holds them (`azure8h_functions.csv`, …).
///
/// The bounds are loose: `Benchmarks/Scaling/run.py` measures, this only notices what breaks.
@Suite struct PublicTracesTests {
    private static let folder: String? = {
        let folder = ProcessInfo.processInfo.environment["SHOPFN_TRACES"]
        if folder == nil {
            print("skipped: public traces; set SHOPFN_TRACES to the folder that holds azure8h_functions.csv")
        }
        return folder
    }()

    private func traces(_ name: String) throws -> [FunctionTrace] {
        let folder = try #require(Self.folder)
        func bytes(_ file: String) throws -> [UInt8] {
            try Array(Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(file)")))
        }
        return try TraceFiles.read(
            functions: bytes("\(name)_functions.csv"),
            named: "functions",
            invocations: bytes("\(name)_invocations.csv"),
            named: "invocations"
        )
    }

    private func outcome(_ traces: [FunctionTrace], _ policy: String) throws -> PoolOutcome {
        var sum = PoolOutcome()
        let policy = try SimulatedPolicy(parsing: policy)
        // Each run asserts that its requests are conserved.
        for (index, trace) in traces.enumerated() {
            sum.add(try Simulation.run(trace, index: index, policy: policy, parameters: SimulationParameters()))
        }
        return sum
    }

    @Test(.enabled(if: folder != nil, "SHOPFN_TRACES is not set"))
    func adaptiveWaitsLessThanKnativeForLess() throws {
        let traces = try traces("azure8h")
        let recorded = traces.reduce(0) { $0 + $1.requests }
        let oracle = try outcome(traces, "oracle")
        let knative = try outcome(traces, "concurrency")
        let adaptive = try outcome(traces, "adaptive")
        for result in [oracle, knative, adaptive] { #expect(result.requests == recorded) }
        #expect(oracle.cold == 0)
        #expect(adaptive.workerSeconds < knative.workerSeconds)
        #expect(Double(adaptive.cold) < 0.25 * Double(knative.cold))
        #expect(adaptive.workerSeconds < 4 * oracle.workerSeconds)
        #expect(Double(adaptive.starts) < 1.6 * Double(knative.starts))
    }

    @Test(.enabled(if: folder != nil, "SHOPFN_TRACES is not set"))
    func hybridKeepsMoreThanAdaptiveForTheSameWaits() throws {
        let traces = try traces("azure8h")
        let hybrid = try outcome(traces, "hybrid")
        let adaptive = try outcome(traces, "adaptive:cost=2000")
        #expect(adaptive.cold < hybrid.cold)
        #expect(adaptive.workerSeconds < 0.75 * hybrid.workerSeconds)
    }
}
