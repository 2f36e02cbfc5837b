package import GatewayDemand
import Synchronization
package import WorkerProtocol

/// Questions after the workers' loads that wait for gateways' answers.
package final class LoadQuestions: Sendable {
    private struct Question {
        var function: String
        var waitsFor: Set<GatewayName>
        var loads: [String: Int] = [:]
        var continuation: CheckedContinuation<[String: Int], Never>?
    }

    private struct State {
        var questions: [UInt64: Question] = [:]
        var last: UInt64 = 0
    }

    private let state = Mutex(State())

    package init() {}

    /// Begins a question to these gateways; it is to be waited for, and to be ended when that has taken too long.
    package func begin(_ function: String, to gateways: Set<GatewayName>) -> UInt64 {
        state.withLock { state in
            state.last += 1
            state.questions[state.last] = Question(function: function, waitsFor: gateways)
            return state.last
        }
    }

    /// Waits until all gateways have answered or are gone, or the question was ended.
    ///
    /// - Returns: what each worker holds at all of those that answered.
    package func wait(for number: UInt64) async -> [String: Int] {
        await withCheckedContinuation { continuation in
            let loads = state.withLock { state -> [String: Int]? in
                guard let question = state.questions[number] else { return [:] }
                guard !question.waitsFor.isEmpty else {
                    state.questions[number] = nil
                    return question.loads
                }
                state.questions[number]?.continuation = continuation
                return nil
            }
            if let loads { continuation.resume(returning: loads) }
        }
    }

    /// Ends a question with what is known.
    package func end(_ number: UInt64) {
        let question = state.withLock { state -> Question? in
            // Whoever asked has not come to wait yet, and will find that nothing is left to wait for.
            if state.questions[number]?.continuation == nil { state.questions[number]?.waitsFor = [] }
            guard state.questions[number]?.continuation != nil else { return nil }
            return state.questions.removeValue(forKey: number)
        }
        if let question { question.continuation?.resume(returning: question.loads) }
    }

    /// A gateway told loads, perhaps not yet all.
    package func answered(_ name: GatewayName, _ loads: WorkerLoads) {
        let done = state.withLock { state -> [UInt64] in
            var done: [UInt64] = []
            for (number, question) in state.questions
            where question.function == loads.function && question.waitsFor.contains(name) {
                for load in loads.loads { state.questions[number]?.loads[load.workerID, default: 0] += load.held }
                if loads.isEnd { state.questions[number]?.waitsFor.remove(name) }
                if state.questions[number]?.waitsFor.isEmpty == true { done.append(number) }
            }
            return done
        }
        for number in done { end(number) }
    }

    /// A gateway is gone, and answers no more.
    package func left(_ name: GatewayName) {
        let done = state.withLock { state -> [UInt64] in
            var done: [UInt64] = []
            for number in state.questions.keys {
                guard state.questions[number]?.waitsFor.remove(name) != nil else { continue }
                if state.questions[number]?.waitsFor.isEmpty == true { done.append(number) }
            }
            return done
        }
        for number in done { end(number) }
    }
}
