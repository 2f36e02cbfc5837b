package import AdminPort
import ExternalScaler
import JSON
import Scaling
import Telemetry
import WorkerProtocol

/// What the scaler's admin port shows.
package struct ScalerReport: Sendable {
    private let driver: ScalerDriver
    private let calls: CallCounts

    package init(driver: ScalerDriver, server: ScalerServer) {
        self.driver = driver
        calls = server.calls
    }

    /// The answer to a request for a path.
    package func answer(_ path: String) throws -> AdminAnswer {
        switch path {
        case "/livez": AdminAnswer("ok")
        case "/readyz": driver.isReady ? AdminAnswer("ok") : AdminAnswer("no gateway is connected", status: 503)
        case "/metrics": AdminAnswer(metrics: metrics)
        case "/api/pools": try AdminAnswer(pools)
        default: AdminAnswer("there are /livez, /readyz, /metrics and /api/pools", status: 404)
        }
    }

    private var counts: (known: Int, connected: Int) {
        switch driver.sight {
        case .none(let known): (known, 0)
        case .partial(let known, let connected): (known, connected)
        case .full(let connected): (connected, connected)
        }
    }

    private var pools: JSONValue {
        let counts = counts
        return [
            "gateways": ["known": .int(counts.known), "connected": .int(counts.connected)],
            "streams": .int(driver.listeners),
            "pools": .array(
                driver.rows.map { row in
                    [
                        "function": .string(row.function.name),
                        "wanted": .int(row.wanted),
                        "inFlight": .int(row.inFlight),
                        "queued": .int(row.queued),
                        "ready": .int(row.ready),
                        "min": .int(row.function.limits.min),
                        "max": .int(row.function.limits.max),
                        "policy": .string(row.function.policy.name),
                        "reason": .string(row.explanation),
                        "own": row.own.map { .int($0.wanted) } ?? .null,
                        "others": row.others.map { .int($0.wanted) } ?? .null,
                        "startMilliseconds": .int(Int(row.startTime / .milliseconds(1))),
                        "isSure": .bool(row.own.map { $0.kept == nil } ?? false),
                    ]
                }
            ),
        ]
    }

    private var metrics: String {
        var text = PrometheusText()
        let counts = counts
        text.family("shopfn_scaler_gateways", .gauge, help: "Gateways by state.")
        text.sample("shopfn_scaler_gateways", [("state", "known")], UInt64(counts.known))
        text.sample("shopfn_scaler_gateways", [("state", "connected")], UInt64(counts.connected))
        text.family("shopfn_scaler_streams", .gauge, help: "Open streams of activity.")
        text.sample("shopfn_scaler_streams", [], UInt64(driver.listeners))
        text.family("shopfn_scaler_wanted_workers", .gauge, help: "Workers wanted, as KEDA is told.")
        for row in driver.rows {
            text.sample("shopfn_scaler_wanted_workers", [("function", row.function.name)], UInt64(max(0, row.wanted)))
        }
        let activations = driver.activations.sorted { $0.key < $1.key }
        if !activations.isEmpty {
            text.family("shopfn_scaler_activations_total", .counter, help: "Times a function was said to be active.")
        }
        for (function, count) in activations {
            text.sample("shopfn_scaler_activations_total", [("function", function)], count)
        }
        let calls = calls.snapshot.sorted { $0.key < $1.key }
        if !calls.isEmpty {
            text.family("shopfn_scaler_calls_total", .counter, help: "Answered calls by method and status of gRPC.")
        }
        for (key, count) in calls {
            text.sample("shopfn_scaler_calls_total", [("method", key.method), ("code", key.code)], count)
        }
        return String(decoding: text.bytes, as: UTF8.self)
    }
}
