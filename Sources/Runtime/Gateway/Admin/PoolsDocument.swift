import Dispatching
import JSON

/// The state of all pools as `/api/pools` gives it.
struct PoolsDocument {
    let gateway: Gateway
    let reports: [String: PoolReport]

    var json: JSONValue {
        let pools = JSONValue.array(gateway.pools.pools.map(pool))
        guard gateway.configuration.workerPort != nil else { return ["pools": pools] }
        return ["pools": pools, "scalers": gateway.scalers.json]
    }

    private func pool(_ driver: PoolDriver) -> JSONValue {
        let counts = driver.counts
        let report = reports[driver.name] ?? PoolReport()
        let ready = report.ready ?? counts.ready
        return [
            "function": .string(driver.name),
            "route": driver.function.route.map { .string($0) } ?? .null,
            "workers": .int(ready + report.starting + counts.leaving),
            "ready": .int(ready),
            "starting": .int(report.starting),
            "leaving": .int(counts.leaving),
            "slots": .int(counts.slots),
            "freeSlots": .int(counts.free),
            "running": .int(counts.running),
            "queued": .int(counts.queued),
            "abandoned": .int(counts.abandoned),
            "arrivals": .int(Int(clamping: counts.arrivals)),
            "coldStarts": .int(Int(clamping: driver.metrics.coldStarts)),
            "wanted": .int(report.wanted),
            "reason": .string(report.reason),
            "policy": .string(report.policy),
            "failure": report.failure.map { .string($0) } ?? .null,
        ]
    }
}
