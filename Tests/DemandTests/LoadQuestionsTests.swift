import Demand
import GatewayDemand
import Testing
import WorkerProtocol

/// Questions after the workers' loads, and the gateways that answer them or do not.
@Suite(.timeLimit(.minutes(5))) struct LoadQuestionsTests {
    private static let first = GatewayName(id: "1", address: "10.0.0.1:7070")
    private static let second = GatewayName(id: "2", address: "10.0.0.2:7070")
    private let questions = LoadQuestions()

    private func answer(_ loads: [(String, Int)], of function: String = "f", isEnd: Bool = true) -> WorkerLoads {
        WorkerLoads(function: function, loads: loads.map { .init(workerID: $0.0, held: $0.1) }, isEnd: isEnd)
    }

    @Test func whatAllGatewaysSayIsAddedUp() async {
        let number = questions.begin("f", to: [Self.first, Self.second])
        async let loads = questions.wait(for: number)
        questions.answered(Self.first, answer([("a", 1)], isEnd: false))
        questions.answered(Self.second, answer([("a", 2), ("b", 0)]))
        questions.answered(Self.first, answer([("c", 3)]))
        // Too late, or not asked for.
        questions.answered(Self.first, answer([("c", 9)]))
        questions.answered(Self.second, answer([("c", 9)], of: "g"))
        #expect(await loads == ["a": 3, "b": 0, "c": 3])
    }

    @Test func nobodyIsWaitedForWhoIsGoneOrWasNeverThere() async {
        #expect(await questions.wait(for: questions.begin("f", to: [])) == [:])
        let number = questions.begin("f", to: [Self.first, Self.second])
        questions.answered(Self.first, answer([("a", 1)]))
        questions.left(Self.second)
        #expect(await questions.wait(for: number) == ["a": 1])
    }

    @Test func aQuestionThatTookTooLongEndsWithWhatIsKnown() async {
        let number = questions.begin("f", to: [Self.first, Self.second])
        questions.answered(Self.first, answer([("a", 1)]))
        // Before anybody waits, or while somebody does.
        questions.end(number)
        #expect(await questions.wait(for: number) == ["a": 1])
        let other = questions.begin("f", to: [Self.first])
        async let loads = questions.wait(for: other)
        questions.end(other)
        #expect(await loads == [:])
    }

    @Test func questionsAreAnsweredEachForItself() async {
        let (one, two) = (questions.begin("f", to: [Self.first]), questions.begin("g", to: [Self.first]))
        questions.answered(Self.first, answer([("b", 2)], of: "g"))
        #expect(await questions.wait(for: two) == ["b": 2])
        questions.answered(Self.first, answer([("a", 1)]))
        #expect(await questions.wait(for: one) == ["a": 1])
    }
}
