import ArgumentParser

/// The command line.
///
/// A subcommand is one file in `Commands/` and one line here. It takes the option groups of `Shared/` and throws
/// `CommandFailure`; how failures are shown and which exit code they give is decided in `CommandLineEntry` alone.
struct Shopfn: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shopfn",
        abstract: "Run small Swift functions as a cloud function service does.",
        discussion: """
            Functions are declared in functions.yaml, which is looked for in this folder and those above it.

            Exit codes: 0 done; 1 the function failed; 2 the command line or the manifest is wrong; 3 something \
            outside could not be reached; 4 the deadline passed.
            """,
        version: ShopfnVersion.text,
        subcommands: [
            CheckCommand.self,
            ListCommand.self,
            ServeCommand.self,
            GatewayCommand.self,
            AutoscalerCommand.self,
            InvokeCommand.self,
            PoolsCommand.self,
            ExplainCommand.self,
            SimulateCommand.self,
            NewCommand.self,
            EventsCommand.self,
            DoctorCommand.self,
            KedaScalerCommand.self,
            SchedulerCommand.self,
            DeployCommand.self,
            StatusCommand.self,
            RollbackCommand.self,
            LogsCommand.self,
            UndeployCommand.self,
            RenderCommand.self,
            ImageCommand.self,
            CompletionsCommand.self,
        ]
    )
}
