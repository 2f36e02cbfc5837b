package import FunctionKit
internal import HTTPTransfer
internal import ShopHTTP
internal import ShopState

/// Run on a schedule: finishes or undoes the orders that nobody works on any more.
package struct RecoverOrders: HTTPFunction {
    private let context: FunctionContext
    private let client = HTTPClient()
    private let patience: Duration

    package init(context: FunctionContext) throws {
        self.context = context
        patience = try context.environment.duration("ORDER_PATIENCE", default: .seconds(120))
    }

    package func handle(_ request: HTTPRequest, _ invocation: Invocation) async throws -> HTTPResponse {
        let recovery = OrderRecovery(
            valkey: context.valkey,
            payments: HTTPPayments(context.environment, client: client, valkey: context.valkey),
            patience: patience,
            report: { [logger = invocation.logger] in logger.warning("\($0)") }
        )
        let summary = try await recovery.run(until: invocation.deadline.advanced(by: .seconds(-5)))
        if summary != OrderRecovery.Summary() {
            invocation.logger.info("recovered orders", metadata: ["summary": "\(summary)"])
        }
        return try .json(summary)
    }
}
