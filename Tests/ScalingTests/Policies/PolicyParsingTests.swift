import Scaling
import Testing

@Suite struct PolicyParsingTests {
    private static let good: [(text: String, choice: PolicyChoice)] = [
        ("fixed", PolicyChoice.fixed()),
        ("fixed:idle=10m", .fixed(idle: .seconds(600))),
        ("concurrency", .concurrency(AverageSettings())),
        (
            "concurrency:target=7.5,stable=120s,panic=12s",
            .concurrency(AverageSettings(target: 7.5, stable: .seconds(120), panic: .seconds(12)))
        ),
        ("concurrency:stable=3s", .concurrency(AverageSettings(stable: .seconds(3), panic: .seconds(3)))),
        ("rate:target=50", .rate(AverageSettings(target: 50))),
        ("keda:polling=5s,cooldown=1m", .keda(KedaSettings(polling: .seconds(5), cooldown: .seconds(60)))),
        ("hybrid", .hybrid),
        ("adaptive", .adaptive(.balanced)),
        ("adaptive:cost=lean", .adaptive(.lean)),
        ("adaptive:cost=eager", .adaptive(.eager)),
        ("adaptive:cost=75.5", .adaptive(WaitCost(workerSeconds: 75.5))),
    ]

    @Test(arguments: good)
    func reads(_ text: String, _ expected: PolicyChoice) throws {
        #expect(try PolicyChoice(parsing: text) == expected)
    }

    private static let bad: [(text: String, words: String)] = [
        (
            "kpa",
            "there is no policy 'kpa'; the policies are adaptive, fixed, concurrency, rate, keda, hybrid"
        ),
        ("", "there is no policy ''; the policies are adaptive, fixed, concurrency, rate, keda, hybrid"),
        (
            "keda:target",
            "'target' in the policy 'keda:target' is no setting; write NAME:key=value,key=value, such as "
                + "concurrency:target=10,stable=60s"
        ),
        ("keda:target=1,target=2", "the policy 'keda:target=1,target=2' gives 'target' twice; keep one of them"),
        ("hybrid:target=1", "the policy 'hybrid' has no key 'target'; it has none; remove it"),
        ("keda:stable=1s", "the policy 'keda' has no key 'stable'; its keys are target, polling, cooldown"),
        ("rate:target=0x10", "'target' of the policy 'rate' is '0x10', no number; write a number from 0.01 to 100000"),
        ("rate:target=0", "'target' of the policy 'rate' is 0, out of its range; write a number from 0.01 to 100000"),
        ("fixed:idle=10", "'idle' of the policy 'fixed': '10' has no unit; write 10s for seconds, or one of ms, m, h"),
        (
            "keda:polling=2h",
            "'polling' of the policy 'keda' is 2h, out of its range; write a duration from 1s to 1h"
        ),
        (
            "rate:stable=10s,panic=20s",
            "the policy 'rate' has a panic window of 20s, longer than its stable window of 10s; make 'panic' shorter "
                + "than 'stable', usually a tenth of it"
        ),
        (
            "adaptive:cost=cheap",
            "'cost' of the policy 'adaptive' is 'cheap'; write lean, balanced, eager, or worker-seconds a waiting "
                + "request may cost, from 0 to 1000000"
        ),
    ]

    @Test(arguments: bad)
    func refuses(_ text: String, _ words: String) {
        #expect { try PolicyChoice(parsing: text) } throws: { "\($0)" == words }
    }

    @Test func everyNameIsAPolicyOfThatName() throws {
        for name in PolicyChoice.names { #expect(try PolicyChoice(name: name).name == name) }
    }
}
