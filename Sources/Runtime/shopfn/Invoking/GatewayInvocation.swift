import Events
import HTTPTransfer

/// An event sent as a request through a running gateway.
struct GatewayInvocation {
    let base: String

    /// - Throws: `CommandFailure` when the gateway can not be reached.
    func invoke(_ event: HTTPEvent, timeout: Duration) async throws -> HTTPEventResponse {
        let root = BaseAddress.url(base)
        let url = root + event.path + (event.query.isEmpty ? "" : "?" + event.query)
        let request = HTTPClientRequest(
            method: event.method,
            url: url,
            headers: HTTPClientHeaders(
                event.headers.filter { $0.name.lowercased() != "host" }.map { ($0.name, $0.value) }
            ),
            body: event.body,
            timeout: timeout + .seconds(5)
        )
        do {
            let client = HTTPClient()
            let response = try await client.execute(request)
            await client.close()
            return HTTPEventResponse(
                status: response.status,
                headers: response.headers.map { HTTPEvent.Field($0.name, $0.value) },
                body: response.body
            )
        } catch {
            throw CommandFailure(
                .unreachable,
                code: "no-gateway",
                "\(base) does not answer: \(error)",
                fix: "start 'shopfn serve', or invoke without --gateway"
            )
        }
    }
}
