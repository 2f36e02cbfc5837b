import Manifest
import Scaling
import Time

/// What a command line asks `simulate` to do, checked, with the traffic read.
struct SimulationPlan: Sendable {
    /// Dollars a GB-hour: AWS Lambda's price of memory in use, x86, us-east-1 (0.0000166667 a GB-second).
    static let defaultPrice = 0.06
    /// What is compared when nothing is named.
    static let defaultPolicies = [
        "adaptive:cost=lean", "adaptive", "adaptive:cost=eager", "concurrency", "keda", "hybrid", "fixed:idle=10m",
    ]

    /// What the traffic is called.
    var set: String
    var traces: [FunctionTrace]
    var policies: [SimulatedPolicy]
    var parameters = SimulationParameters()
    var price: Double
    /// Functions to draw; empty leaves the choice to the page.
    var charts: [String]

    /// Minutes that are reported.
    var minutes: Range<Int> {
        let all = 0..<(traces.first?.perMinute.count ?? 0)
        return parameters.measured?.clamped(to: all) ?? all
    }

    /// - Throws: `CommandFailure` for options that contradict each other and for files that cannot be read.
    init(_ command: SimulateCommand) throws(CommandFailure) {
        parameters.concurrency = command.concurrency
        parameters.seed = command.seed
        parameters.placement = command.placement
        price = command.priceGbHour
        charts = command.charts
        guard (1...10_000).contains(command.concurrency) else {
            throw Self.usage("--concurrency is \(command.concurrency)", fix: "write a whole number from 1 to 10000")
        }
        guard price >= 0, price.isFinite else {
            throw Self.usage("--price-gb-hour is \(price)", fix: "write a price that is not negative")
        }
        switch DurationText.parseDecimal(command.start) {
        case .failure(let mistake): throw Self.usage("--start: \(mistake.message)", fix: mistake.fix)
        case .success(let start):
            guard start <= .seconds(600) else {
                throw Self.usage("--start is \(command.start)", fix: "write a duration of up to 10m")
            }
            parameters.start = start
        }
        policies = try Self.policies(command.policies)
        switch (command.from, command.functions, command.invocations) {
        case (let log?, nil, nil):
            set = Self.name(of: log)
            do throws(TraceError) {
                let contents = try DemandLog.read(try Self.read(log), named: log)
                traces = contents.traces
                parameters.begin = contents.begin
            } catch { throw Self.failure(error) }
        case (nil, let functions?, let invocations?):
            set = Self.name(of: invocations)
            do throws(TraceError) {
                traces = try TraceFiles.read(
                    functions: try Self.read(functions),
                    named: functions,
                    invocations: try Self.read(invocations),
                    named: invocations
                )
            } catch { throw Self.failure(error) }
        case (nil, nil, nil):
            throw Self.usage("no traffic to replay", fix: "give --functions and --invocations, or --from")
        case (nil, _, _):
            throw Self.usage("--functions and --invocations belong together", fix: "give both of them, or --from alone")
        default:
            throw Self.usage("--from stands beside --functions or --invocations", fix: "give one or the other")
        }
        try choose(command)
    }

    private mutating func choose(_ command: SimulateCommand) throws(CommandFailure) {
        for trigger in command.withoutTrigger where !traces.contains(where: { $0.trigger == trigger }) {
            let known = Set(traces.map(\.trigger)).subtracting([""]).sorted().joined(separator: ", ")
            throw Self.usage(
                "no function has the trigger '\(trigger)'",
                fix: known.isEmpty ? "no triggers are recorded; leave it out" : "the triggers are \(known)"
            )
        }
        traces.removeAll { command.withoutTrigger.contains($0.trigger) }
        guard !traces.isEmpty else {
            throw Self.usage("no function is left", fix: "leave out fewer triggers")
        }
        for id in charts where !traces.contains(where: { $0.id == id }) {
            throw Self.usage("there is no function '\(id)' to draw", fix: "name one of \(command.invocations ?? set)")
        }
        guard let text = command.minutes else { return }
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        let count = traces[0].perMinute.count
        guard parts.count == 2, let from = parts[0], let to = parts[1], from >= 0, from < to, to <= count else {
            throw Self.usage(
                "--minutes is '\(text)', and \(count) minutes are recorded",
                fix: "write FROM-TO, such as 0-\(count), the last one left out"
            )
        }
        parameters.measured = from..<to
    }

    /// The policies asked for, once each, with both ends.
    private static func policies(_ texts: [String]) throws(CommandFailure) -> [SimulatedPolicy] {
        var policies: [SimulatedPolicy] = []
        for text in texts.isEmpty ? defaultPolicies : texts {
            do throws(PolicyMistake) {
                let policy = try SimulatedPolicy(parsing: text)
                if !policies.contains(where: { $0.name == policy.name }) { policies.append(policy) }
            } catch {
                let name = String(text.prefix { $0 != ":" })
                let known = PolicyChoice.names + [SimulatedPolicy.oracle.name, SimulatedPolicy.alwaysOn.name]
                let nearest = known.contains(name) ? nil : NearestName.nearest(to: name, among: known)
                throw usage("--policy: \(error.message)", fix: nearest.map { "did you mean '\($0)'?" } ?? error.fix)
            }
        }
        for end in [SimulatedPolicy.alwaysOn, .oracle] where !policies.contains(where: { $0.name == end.name }) {
            policies.append(end)
        }
        return policies
    }

    private static func read(_ path: String) throws(TraceError) -> [UInt8] {
        do throws(FileSystem.Failure) {
            return try path == "-" ? FileSystem.read(0, upTo: .max) : FileSystem.read(path, upTo: .max)
        } catch {
            throw TraceError(file: path, line: 0, problem: error.reason, fix: "name a file that can be read")
        }
    }

    /// The file's name without its folder and ending, and without `_invocations`.
    private static func name(of path: String) -> String {
        var name = path.split(separator: "/").last.map(String.init) ?? path
        if let dot = name.lastIndex(of: "."), dot != name.startIndex { name = String(name[..<dot]) }
        let ending = "_invocations"
        return name.hasSuffix(ending) && name != ending ? String(name.dropLast(ending.count)) : name
    }

    private static func usage(_ message: String, fix: String) -> CommandFailure {
        CommandFailure(.wrongUsage, code: "usage", message, fix: fix)
    }

    private static func failure(_ error: TraceError) -> CommandFailure {
        CommandFailure(.wrongUsage, code: "bad-trace", error.message, fix: error.fix)
    }
}
