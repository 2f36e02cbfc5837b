// GETs of concurrent callers on one connection, measured three ways in one run, in turns.
//
// usage: valkey-benchmark SOCKET [CALLERS] [COUNT] [ROUNDS] [client|callers|loop, to profile one way alone]
//
// Writes a table to the standard error and JSON to the standard output. Every reply is compared with the value that
// belongs to its key.
import HiredisAsync
import Valkey

enum Way: String, CaseIterable {
    /// The client of this project.
    case client = "this client, Swift tasks"
    /// hiredis's asynchronous context on a thread of its own, serving the same tasks.
    case callers = "hiredis async context, Swift tasks"
    /// hiredis's asynchronous context calling itself back: no callers, no other thread.
    case loop = "hiredis async context, C loop alone"
}

struct Failure: Error {
    let reason: String
}

@main
struct ValkeyBenchmark {
    let socket: String
    let callers: Int
    let each: Int
    let rounds: Int
    let client: ValkeyClient
    let hiredis: HiredisCallers
    let ways: [Way]

    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count >= 2 else {
            throw Failure(reason: "usage: valkey-benchmark SOCKET [CALLERS] [COUNT] [ROUNDS]")
        }
        func number(_ index: Int, or standard: Int) -> Int {
            arguments.count > index ? Int(arguments[index]) ?? standard : standard
        }
        let callers = number(2, or: 64)
        guard let hiredis = HiredisCallers(socket: arguments[1]) else {
            throw Failure(reason: "cannot connect to \(arguments[1])")
        }
        try await ValkeyBenchmark(
            socket: arguments[1],
            callers: callers,
            each: number(3, or: 400_000) / callers,
            rounds: number(4, or: 7),
            client: ValkeyClient(url: ValkeyURL(endpoint: .unix(path: arguments[1]))),
            hiredis: hiredis,
            ways: Way.allCases.filter { arguments.count < 6 || "\($0)" == arguments[5] }
        ).run()
    }

    func run() async throws {
        for caller in 0..<callers { try await client.set("key-\(caller)", "value-\(caller)") }
        var figures: [Way: [Double]] = [:]
        for round in 0...rounds {
            for way in ways {
                let rate = try await measure(way)
                // The first round warms up.
                if round > 0 { figures[way, default: []].append(rate) }
            }
        }
        await client.close()
        hiredis.stop()
        report(figures)
    }

    private func measure(_ way: Way) async throws -> Double {
        let (client, hiredis) = (client, hiredis)
        switch way {
        case .client: return try await perSecond { try await client.get($0) }
        case .callers: return try await perSecond { await hiredis.get($0) }
        case .loop:
            let rate = hiredis_async_loop(socket, callers, callers * each)
            guard rate > 0 else { throw Failure(reason: "the loop got a wrong reply or none") }
            return rate
        }
    }

    private func perSecond(_ get: @escaping @Sendable (String) async throws -> [UInt8]?) async throws -> Double {
        let (callers, each) = (callers, each)
        let time = try await ContinuousClock().measure {
            try await withThrowingTaskGroup { group in
                for caller in 0..<callers {
                    group.addTask {
                        let key = "key-\(caller)"
                        let expected = Array("value-\(caller)".utf8)
                        for _ in 0..<each {
                            guard try await get(key) == expected else {
                                throw Failure(reason: "a wrong reply for \(key)")
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        let seconds = Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
        return Double(callers * each) / seconds
    }

    private func report(_ figures: [Way: [Double]]) {
        func median(_ way: Way) -> Double {
            let sorted = (figures[way] ?? []).sorted()
            return sorted.isEmpty ? .nan : sorted[sorted.count / 2]
        }
        var text =
            "GETs on one connection, \(callers) outstanding, medians of \(rounds); ratio of this client to each\n"
        var objects: [String] = []
        for way in ways {
            let middle = median(way)
            let ratio = (median(.client) / middle * 100).rounded() / 100
            text += "\(Int(middle / 1_000))k/s  \(ratio)  \(way.rawValue)\n"
            let all = (figures[way] ?? []).map { "\(Int($0))" }.joined(separator: ",")
            objects.append(
                #"{"way":"\#(way.rawValue)","median_per_second":\#(Int(middle)),"client_ratio":\#(ratio),"all":[\#(all)]}"#
            )
        }
        let list = objects.joined(separator: ",")
        print(#"{"callers":\#(callers),"commands":\#(callers * each),"rounds":\#(rounds),"ways":[\#(list)]}"#)
        var standardError = StandardError()
        print(text, terminator: "", to: &standardError)
    }
}
