package import FunctionKit
package import HTTPTransfer
package import ShopRules
package import ShopState

/// A payment provider behind HTTP, as `docs/shop.md` describes it: the stand-in one or another of the same shape.
package struct HTTPPayments: PaymentProvider {
    private let client: HTTPClient
    private let url: String
    private let secret: PaymentSecret

    /// Takes the provider that `PAYMENT_URL` names, and the secret of `PAYMENT_SECRET` or of the stand-in provider.
    package init(_ environment: Environment, client: HTTPClient, valkey: ValkeyClient) {
        self.client = client
        secret = PaymentSecret(environment["PAYMENT_SECRET"], valkey: valkey)
        url = environment.string("PAYMENT_URL", default: "http://127.0.0.1:8080/api/payments")
    }

    package func charge(
        _ order: String,
        _ amount: Money,
        _ card: Card,
        within time: Duration
    ) async throws -> PaymentState {
        let response = try await send(
            HTTPClientRequest(
                method: "POST",
                url: url,
                headers: ["content-type": "application/json", "idempotency-key": order],
                body: try ChargeRequest.body(amount, card).serialized(),
                timeout: time,
                maxResponseBytes: 1 << 20
            )
        )
        switch response.status {
        case 402: return .declined(reason: Self.text(response, "detail") ?? "The card was declined.")
        case 409: return .voided
        default: return try Self.state(response)
        }
    }

    package func find(_ order: String) async throws -> PaymentState {
        let response = try await send(HTTPClientRequest(url: "\(url)/\(order)", timeout: .seconds(5)))
        return response.status == 404 ? .unknown : try Self.state(response)
    }

    package func void(_ order: String) async throws {
        let response = try await send(
            HTTPClientRequest(
                method: "DELETE",
                url: "\(url)/\(order)",
                headers: ["authorization": "Bearer \(try await secret.value())"],
                timeout: .seconds(5)
            )
        )
        if response.status == 401 || response.status == 403 {
            throw PaymentFailure.unavailable("it answers \(response.status); is PAYMENT_SECRET the same on both sides?")
        }
        _ = try Self.state(response)
    }

    private func send(_ request: HTTPClientRequest) async throws -> HTTPClientResponse {
        do {
            return try await client.execute(request)
        } catch .timedOut, .connectTimedOut {
            throw PaymentFailure.timedOut
        } catch .cancelled {
            throw CancellationError()
        } catch {
            throw PaymentFailure.unavailable("\(error)")
        }
    }

    private static func state(_ response: HTTPClientResponse) throws -> PaymentState {
        if response.status == 504 { throw PaymentFailure.timedOut }
        guard response.status == 200 else { throw PaymentFailure.unavailable("it answers \(response.status)") }
        switch text(response, "status") {
        case "charged": return .charged(reference: text(response, "reference") ?? "")
        case "declined": return .declined(reason: "The card was declined.")
        case "refunded", "voided": return .voided
        default: throw PaymentFailure.unavailable("its answer has no status that is known")
        }
    }

    private static func text(_ response: HTTPClientResponse, _ name: String) -> String? {
        (try? JSONValue(parsing: response.body))?[name]?.stringValue
    }
}
