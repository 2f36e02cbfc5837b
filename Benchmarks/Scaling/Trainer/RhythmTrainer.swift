import Foundation
import Scaling

/// Makes what the adaptive policy knows of rhythms before it has seen anything, `RhythmPrior.swift`, from traffic.
///
/// Usage: `rhythm-trainer FUNCTIONS.csv INVOCATIONS.csv MINUTES >RhythmPrior.swift`, where only the first MINUTES count.
@main
struct RhythmTrainer {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 4, let minutes = Int(arguments[3]), minutes > 0 else {
            throw Usage()
        }
        func bytes(_ path: String) throws -> [UInt8] { try Array(Data(contentsOf: URL(fileURLWithPath: path))) }
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

    struct Usage: Error, CustomStringConvertible {
        var description: String { "usage: rhythm-trainer FUNCTIONS.csv INVOCATIONS.csv MINUTES >RhythmPrior.swift" }
    }

    static func report(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }
}
