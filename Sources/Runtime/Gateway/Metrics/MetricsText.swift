import Dispatching

/// All metrics in Prometheus' text format, version 0.0.4.
struct MetricsText {
    private var out = ""
    private let gateway: Gateway
    private let reports: [String: PoolReport]
    private let pools: [PoolDriver]

    init(gateway: Gateway, reports: [String: PoolReport]) {
        self.gateway = gateway
        self.reports = reports
        pools = gateway.pools.pools
        write()
    }

    /// The text.
    var text: String { out }

    private mutating func write() {
        requests()
        each("shopfn_request_duration_seconds", "histogram", "From a request's arrival to its response's end.") {
            $0.histogram("shopfn_request_duration_seconds", $0.labels($1), $1.metrics.durations)
        }
        each("shopfn_queue_duration_seconds", "histogram", "From a request's arrival to a worker's slot.") {
            $0.histogram("shopfn_queue_duration_seconds", $0.labels($1), $1.metrics.waits)
        }
        each("shopfn_cold_starts_total", "counter", "Requests that waited for a worker to start.") {
            $0.sample("shopfn_cold_starts_total", $0.labels($1), Double($1.metrics.coldStarts))
        }
        each(
            "shopfn_cold_start_duration_seconds",
            "histogram",
            "From the decision to start a worker to its first offered slot."
        ) {
            guard let report = $0.reports[$1.name] else { return }
            $0.histogram("shopfn_cold_start_duration_seconds", $0.labels($1) + ",phase=\"start\"", report.starts)
        }
        each("shopfn_retries_total", "counter", "Invocations handed out again after their worker died.") {
            $0.sample("shopfn_retries_total", $0.labels($1), Double($1.metrics.retries))
        }
        state()
        scaling()
        refusals()
        if gateway.configuration.workerPort != nil { scalers() }
    }

    private mutating func scalers() {
        head("shopfn_autoscaler_connected", "gauge", "Whether a scaler that decides is connected.")
        out += "shopfn_autoscaler_connected \(gateway.scalers.isLed ? 1 : 0)\n"
        head("shopfn_scalers", "gauge", "Scalers that are connected, deciding or standing by.")
        out += "shopfn_scalers \(gateway.scalers.count)\n"
    }

    private mutating func requests() {
        head("shopfn_requests_total", "counter", "Answered requests by status code.")
        for pool in pools {
            for (status, count) in pool.metrics.requests.sorted(by: { $0.key < $1.key }) {
                sample("shopfn_requests_total", labels(pool) + ",code=\"\(status)\"", Double(count))
            }
        }
        for (status, count) in gateway.server.statuses.sorted(by: { $0.key < $1.key }) {
            sample("shopfn_requests_total", "function=\"\",route=\"\",code=\"\(status)\"", Double(count))
        }
    }

    private mutating func state() {
        each("shopfn_workers", "gauge", "Worker processes by state.") {
            let counts = $1.counts
            let starting = $0.reports[$1.name]?.starting ?? 0
            let ready = $0.reports[$1.name]?.ready ?? counts.ready
            for (state, count) in [("ready", ready), ("starting", starting), ("leaving", counts.leaving)] {
                $0.sample("shopfn_workers", $0.labels($1) + ",state=\"\(state)\"", Double(count))
            }
        }
        each("shopfn_slots", "gauge", "Slots of ready workers by state.") {
            let counts = $1.counts
            $0.sample("shopfn_slots", $0.labels($1) + ",state=\"free\"", Double(counts.free))
            $0.sample("shopfn_slots", $0.labels($1) + ",state=\"taken\"", Double(counts.slots - counts.free))
        }
        each("shopfn_queued", "gauge", "Requests that wait for a slot.") {
            $0.sample("shopfn_queued", $0.labels($1), Double($1.counts.queued))
        }
    }

    private mutating func scaling() {
        each("shopfn_wanted_workers", "gauge", "Workers the scaler wants.") {
            $0.sample("shopfn_wanted_workers", $0.labels($1), Double($0.reports[$1.name]?.wanted ?? 0))
        }
        each("shopfn_scale_decisions_total", "counter", "Changed decisions of the scaler by reason.") {
            for (reason, count) in ($0.reports[$1.name]?.decisions ?? [:]).sorted(by: { $0.key < $1.key }) {
                $0.sample("shopfn_scale_decisions_total", $0.labels($1) + ",reason=\"\(reason)\"", Double(count))
            }
        }
        each("shopfn_worker_seconds_total", "counter", "Seconds of worker processes, those that start included.") {
            $0.sample("shopfn_worker_seconds_total", $0.labels($1), $0.reports[$1.name]?.workerSeconds ?? 0)
        }
        each("shopfn_failed_starts_total", "counter", "Workers that ended before they were ready.") {
            $0.sample("shopfn_failed_starts_total", $0.labels($1), Double($0.reports[$1.name]?.failedStarts ?? 0))
        }
        each("shopfn_worker_deaths_total", "counter", "Workers that ended unasked by cause.") {
            for (cause, count) in ($0.reports[$1.name]?.deaths ?? [:]).sorted(by: { $0.key < $1.key }) {
                $0.sample("shopfn_worker_deaths_total", $0.labels($1) + ",cause=\"\(cause)\"", Double(count))
            }
        }
    }

    private mutating func refusals() {
        head("shopfn_refused_requests_total", "counter", "Requests that were not valid HTTP, by what was wrong.")
        for (reason, count) in gateway.server.violations.sorted(by: { $0.key < $1.key }) {
            sample("shopfn_refused_requests_total", "reason=\"\(reason)\"", Double(count))
        }
        head("shopfn_refused_workers_total", "counter", "Workers that were not let in, by reason.")
        for (reason, count) in gateway.pools.refusedWorkers.sorted(by: { $0.key < $1.key }) {
            sample("shopfn_refused_workers_total", "reason=\"\(reason)\"", Double(count))
        }
    }

    // MARK: Format

    private mutating func each(
        _ name: String,
        _ type: String,
        _ help: String,
        _ write: (inout MetricsText, PoolDriver) -> Void
    ) {
        head(name, type, help)
        for pool in pools { write(&self, pool) }
    }

    private mutating func head(_ name: String, _ type: String, _ help: String) {
        out += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }

    private mutating func sample(_ name: String, _ labels: String, _ value: Double) {
        let number = value == value.rounded() && value.magnitude < 1e15 ? "\(Int(value))" : "\(value)"
        out += "\(name){\(labels)} \(number)\n"
    }

    private mutating func histogram(_ name: String, _ labels: String, _ histogram: DurationHistogram) {
        var total: UInt64 = 0
        for (index, count) in histogram.counts.enumerated() {
            total += count
            let bound = index < DurationHistogram.bounds.count ? "\(DurationHistogram.bounds[index])" : "+Inf"
            sample("\(name)_bucket", labels + ",le=\"\(bound)\"", Double(total))
        }
        sample("\(name)_sum", labels, histogram.sum)
        sample("\(name)_count", labels, Double(total))
    }

    private func labels(_ pool: PoolDriver) -> String {
        "function=\"\(escaped(pool.name))\",route=\"\(escaped(pool.function.route ?? ""))\""
    }

    private func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.append(character)
            }
        }
        return escaped
    }
}
