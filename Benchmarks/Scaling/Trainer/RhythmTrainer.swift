import Foundation
import Scaling

/// Makes what the adaptive policy knows of rhythms before it has seen anything, `RhythmPrior.swift`, from traffic.
///
/// Usage: `rhythm-trainer FUNCTIONS.csv INVOCATIONS.csv MINUTES >RhythmPrior.swift`, where only the first MINUTES count.
@main
struct RhythmTrainer {
    static func main() {
        let arguments = CommandLine.arguments
        guard arguments.count == 4, let minutes = Int(arguments[3]), minutes > 0 else {
            report("usage: rhythm-trainer FUNCTIONS.csv INVOCATIONS.csv MINUTES >RhythmPrior.swift")
            exit(2)
        }
        do {
            try train(arguments, minutes)
        } catch {
            report("rhythm-trainer: \(error)")
            exit(1)
        }
    }

    private static func train(_ arguments: [String], _ minutes: Int) throws {
        func bytes(_ path: String) throws -> [UInt8] {
            guard let data = FileManager.default.contents(atPath: path) else { throw Unreadable(path: path) }
            return Array(data)
        }
        var traces = try TraceFiles.read(
            functions: bytes(arguments[1]),
            named: arguments[1],
            invocations: bytes(arguments[2]),
            named: arguments[2]
        )
        for index in traces.indices { traces[index].perMinute = Array(traces[index].perMinute.prefix(minutes)) }

        let nothing = RhythmTraining.Prior()
        let seen = traces.enumerated().map { RhythmTraining.minutes(of: $1, index: $0, prior: nothing) }
        let counts = ContextCounts(seen, contexts: nothing.odds.count)
        var prior = nothing
        prior.trust = counts.trust()
        /// All functions' minutes, each function meeting a prior to which it has not contributed itself.
        func heldOut() -> [RhythmTraining.Minute] {
            var all: [RhythmTraining.Minute] = []
            for (index, trace) in traces.enumerated() {
                prior.odds = counts.odds(without: index)
                all += RhythmTraining.minutes(of: trace, index: index, prior: prior)
            }
            let loss = all.reduce(0) { $0 - log($1.needed ? $1.chance : 1 - $1.chance) }
            report("\(all.count) minutes, each foretold with \(loss / Double(all.count)) nats lost")
            return all
        }
        prior.weights = Mixture.trained(prior.weights, on: heldOut())
        _ = heldOut()
        prior.odds = counts.odds()
        print(PriorSource(prior).text, terminator: "")
    }

    private struct Unreadable: Error, CustomStringConvertible {
        var path: String
        var description: String { "\(path) cannot be read; check the path" }
    }

    private static func report(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }
}
