import ArgumentParser
import Scaling
import Time

/// `shopfn simulate`: what each scaling policy would make of recorded traffic.
struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Replay recorded traffic against scaling policies, and compare waiting with cost.",
        discussion: """
            Give either --functions and --invocations (CSV: requests per minute, and how long they run), or --from \
            with the log that 'shopfn serve --demand-log' keeps.

            Policies are adaptive (cost), fixed (idle), concurrency and rate (target, stable, panic), keda (target, \
            polling, cooldown) and hybrid; each takes min, max and idle besides. 'oracle', which knows the future, and \
            'always-on' stand beside them as both ends.

            Where in its minute a request falls is not recorded: it is drawn from --seed. A request is cold if it \
            waits at least 100 ms, and fails if it waits 60 s.
            """
    )

    @Option(help: ArgumentHelp("The functions: id, durations, trigger, memory.", valueName: "csv"))
    var functions: String?

    @Option(help: ArgumentHelp("Each function's requests in each minute.", valueName: "csv"))
    var invocations: String?

    @Option(help: ArgumentHelp("A demand log of 'shopfn serve' instead of both.", valueName: "file"))
    var from: String?

    @Option(
        name: .customLong("policy"),
        help: ArgumentHelp(
            "A policy to compare; may be repeated. All of them unless given.",
            valueName: "name[:key=value,…]"
        )
    )
    var policies: [String] = []

    @Option(help: ArgumentHelp("Invocations a worker takes at a time.", valueName: "count"))
    var concurrency = 10

    @Option(help: ArgumentHelp("How long a worker takes to start.", valueName: "duration"))
    var start = "2s"

    @Option(help: ArgumentHelp("Draws the same requests for the same number.", valueName: "number"))
    var seed: UInt64 = 1

    @Option(help: "Where in its minute a request falls: at random, or evenly spaced.")
    var placement = Placement.poisson

    @Option(
        help: ArgumentHelp(
            "Price of a GB-hour of workers' memory, for the estimate of cost.",
            valueName: "price"
        )
    )
    var priceGbHour = SimulationPlan.defaultPrice

    @Option(help: ArgumentHelp("Leave out functions with this trigger; may be repeated.", valueName: "trigger"))
    var withoutTrigger: [String] = []

    @Option(
        help: ArgumentHelp(
            "Report these minutes only, the first being 0; those before only teach.",
            valueName: "from-to"
        )
    )
    var minutes: String?

    @Option(
        name: .customLong("chart"),
        help: ArgumentHelp("A function to draw in the HTML page; may be repeated.", valueName: "id")
    )
    var charts: [String] = []

    @Option(help: "Write a table for people, JSON or CSV for programs, or one HTML page.")
    var output = SimulationOutput.table

    func run() async throws {
        let plan = try SimulationPlan(self)
        let results = try await SimulationRun(plan).results()
        switch output {
        case .table: Terminal.write(SimulationTable.text(plan, results))
        case .json: Terminal.write(json: SimulationDocument.json(plan, results))
        case .csv: Terminal.write(SimulationDocument.csv(plan, results))
        case .html: Terminal.write(try await SimulationPage.text(plan, results))
        }
    }
}

/// How `simulate` writes its result.
enum SimulationOutput: String, CaseIterable, ExpressibleByArgument {
    case table
    case json
    case csv
    case html
}

extension Placement: ExpressibleByArgument {}
