import ArgumentParser
import JSON
import ShopState
import Valkey

/// `shopfn doctor shop`: the shop's invariants, read from Valkey.
struct DoctorShopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shop",
        abstract: "Check the shop's stock, orders, payments and events against each other.",
        discussion: """
            For every product: available + reserved + sold is what there was at first, and nothing is negative. For \
            every order: one charge and one event if it is placed, neither if it was undone. It only reads, and may run \
            while customers shop: what does not hold for a moment is looked at twice.

            Ends with 1 when something does not hold.
            """
    )

    @Option(
        help: ArgumentHelp(
            "The Valkey to read; by default that of VALKEY_URL, else the private one of 'shopfn serve' in this folder.",
            valueName: "url"
        )
    )
    var valkey: String?

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let text =
            try ValkeyChoice.url(valkey) ?? "unix://\(FileSystem.currentFolder)/.shopfn/valkey/valkey.sock"
        let report: ShopDoctor.Report
        do {
            let client = ValkeyClient(url: try ValkeyURL(text))
            report = try await ShopDoctor(valkey: client).examine()
            await client.close()
        } catch let error as ValkeyError {
            throw Self.failure(error)
        }
        switch output.output {
        case .json: Terminal.write(json: try JSONValue(parsing: try JSONCoder.encode(report)))
        case .table: Terminal.write(Self.table(report))
        }
        guard report.violations.isEmpty else {
            var failure = CommandFailure(
                .functionFailed,
                code: "shop-damaged",
                "\(report.violations.count) things do not hold",
                fix: "each is named above; stop what writes to the shop before you mend any"
            )
            failure.isShown = output.output == .json
            throw failure
        }
    }

    private static func failure(_ error: ValkeyError) -> CommandFailure {
        if case .invalidURL = error {
            return CommandFailure(
                .wrongUsage,
                code: "invalid-valkey-url",
                "\(error)",
                fix: "write it as valkey://host:6379 or unix:///path"
            )
        }
        return CommandFailure(
            .unreachable,
            code: "valkey-unreachable",
            "\(error)",
            fix: "name the shop's Valkey with --valkey or VALKEY_URL"
        )
    }

    private static func table(_ report: ShopDoctor.Report) -> String {
        var table = Table("PRODUCTS", "ORDERS", "PLACED", "UNDER WAY", "PIECES SOLD", "VIOLATIONS")
        table.add(
            String(report.products),
            String(report.orders),
            String(report.placed),
            String(report.underWay),
            String(report.piecesSold),
            String(report.violations.count)
        )
        return table.text + report.violations.map { $0 + "\n" }.joined()
    }
}
