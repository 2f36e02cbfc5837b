import FunctionKit
import Payments
import ShopRules
import ShopState
import ShopTestSupport
import Testing
import ValkeyTestSupport

@Suite struct PaymentsFunctionTests {
    private let server: ValkeyServer
    private let context: FunctionContext

    init() async throws {
        server = try await ValkeyServer()
        context = try FunctionContext(functionName: "payments", environment: Environment(["VALKEY_URL": server.url]))
    }

    private func charge(
        _ key: String?,
        amount: Int = 1_299,
        card: String = "4242424242424242"
    ) async throws -> HTTPResponse {
        var headers: HTTPHeaders = ["content-type": "application/json"]
        if let key { headers.append("idempotency-key", key) }
        let payment = Customers.checkout(cart: "c", card: card)["payment"] ?? .null
        let body: JSONValue = ["amount": ["currency": "USD", "amount": .int(amount)], "payment": payment]
        let request = try HTTPRequest(
            method: "POST",
            path: "/",
            headers: headers,
            body: body.serialized()
        )
        return try await Charge(context: context).handle(request, Invocation())
    }

    private func get(_ key: String) async throws -> HTTPResponse {
        let request = try HTTPRequest(path: "/", pathParameters: [("payment", key)])
        return try await GetPayment(context: context).handle(request, Invocation())
    }

    private func void(
        _ key: String,
        authorization: String?,
        in context: FunctionContext? = nil
    ) async throws -> HTTPResponse {
        let request = try HTTPRequest(
            method: "DELETE",
            path: "/",
            pathParameters: [("payment", key)],
            headers: authorization.map { ["authorization": $0] } ?? [:]
        )
        return try await VoidPayment(context: context ?? self.context).handle(request, Invocation())
    }

    private var secret: String {
        get async throws { "Bearer \(try await PaymentSecret(nil, valkey: context.valkey).value())" }
    }

    private func json(_ response: HTTPResponse) async throws -> JSONValue {
        #expect(response.status == .ok)
        return try JSONValue(parsing: try await response.collectBody())
    }

    private func problem(_ work: () async throws -> some Any) async -> Problem? {
        await #expect(throws: Problem.self) { try await work() }
    }

    private func booked(_ key: String) async throws -> PaymentLedger.Entry? {
        try await PaymentLedger(valkey: context.valkey).find(key)
    }

    @Test func chargesOncePerKey() async throws {
        let first = try await json(charge("k"))
        #expect(first.objectValue?.names == ["id", "status", "amount", "brand", "last4", "reference"])
        #expect(first["status"] == "charged")
        #expect(first["amount"] == ["currency": "USD", "amount": 1_299])
        #expect(first["last4"] == "4242")
        #expect(first["brand"] == "visa")
        #expect(try await json(charge("k")) == first)
        #expect(try await json(get("k")) == first)
        #expect(try await booked("k")?.charges == 1)
        let other = try await json(charge("k2"))
        #expect(other["reference"] != first["reference"])
    }

    @Test func chargesOnceOfTwentyRequestsAtOnce() async throws {
        let references = try await withThrowingTaskGroup(of: String?.self) { group in
            for _ in 0..<20 { group.addTask { try await json(charge("k"))["reference"]?.stringValue } }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(references.count == 1)
        #expect(try await booked("k")?.charges == 1)
    }

    @Test func refusesAKeyWithAnotherAmount() async throws {
        _ = try await charge("k")
        let reused = await problem { try await charge("k", amount: 1) }
        #expect(reused?.status == .conflict)
        #expect(reused?.type == "urn:shopfn:problem:key-reused")
        #expect(try await booked("k")?.amount.amount == 1_299)
        #expect(await problem { try await charge(nil) }?.type == "urn:shopfn:problem:key-missing")
    }

    @Test(arguments: [("4000000000000002", "declined by its bank"), ("4000000000009995", "not enough money")])
    func declines(_ card: String, _ reason: String) async throws {
        for _ in 0..<2 {
            let declined = await problem { try await charge("k", card: card) }
            #expect(declined?.status == .paymentRequired)
            #expect(declined?.type == "urn:shopfn:problem:card-declined")
            #expect(declined?.detail?.contains(reason) == true)
        }
        // The key stays declined, whatever card comes next.
        #expect(await problem { try await charge("k") }?.status == .paymentRequired)
        #expect(try await booked("k")?.charges == 0)
        #expect(try await json(get("k"))["status"] == "declined")
    }

    @Test func failsBeforeOrAfterItCharges() async throws {
        for _ in 0..<2 {
            let before = await problem { try await charge("before", card: "4000000000000119") }
            #expect(before?.status == .serviceUnavailable)
            #expect(before?.headers["retry-after"] != nil)
        }
        #expect(try await booked("before") == nil)
        #expect(await problem { try await charge("after", card: "4000000000000341") }?.status == .serviceUnavailable)
        #expect(try await booked("after")?.charges == 1)
        #expect(try await json(charge("after", card: "4000000000000341"))["status"] == "charged")
        #expect(try await booked("after")?.charges == 1)
    }

    @Test func tellsNothingOfWhatItDoesNotKnow() async throws {
        #expect(await problem { try await get("none") }?.type == "urn:shopfn:problem:payment-not-found")
        #expect(await problem { try await get("a b") }?.status == .unprocessableContent)
    }

    @Test func voidsForTheShopAlone() async throws {
        _ = try await charge("k")
        let right = try await secret
        for wrong in [
            nil, "", "Bearer", "Bearer ", "Bearer x", right + "x", String(right.dropLast()), right.uppercased(),
        ] {
            let refused = await problem { try await void("k", authorization: wrong) }
            #expect(refused?.status == .unauthorized, "\(wrong ?? "none")")
            #expect(refused?.headers["www-authenticate"] == "Bearer")
            #expect(await problem { try await void("never-charged", authorization: wrong) }?.status == .unauthorized)
        }
        #expect(try await booked("k")?.status == "charged")
        #expect(try await booked("never-charged") == nil)
        #expect(try await json(void("k", authorization: right))["status"] == "refunded")
        #expect(try await json(void("never-charged", authorization: right))["status"] == "voided")
    }

    @Test func refundsOnceAndBarsForEver() async throws {
        _ = try await charge("k")
        let right = try await secret
        for _ in 0..<3 { _ = try await void("k", authorization: right) }
        let entry = try await booked("k")
        #expect(entry?.charges == 1 && entry?.refunds == 1)
        for key in ["k", "new"] {
            _ = try await void(key, authorization: right)
            let barred = await problem { try await charge(key) }
            #expect(barred?.type == "urn:shopfn:problem:payment-voided")
        }
        #expect(try await booked("new")?.charges == 0)
        // A declined card has nothing to give back.
        _ = await problem { try await charge("d", card: "4000000000000002") }
        #expect(try await json(void("d", authorization: right))["status"] == "declined")
        #expect(try await booked("d")?.refunds == 0)
    }

    @Test func takesTheSecretThatItIsTold() async throws {
        let told = try FunctionContext(
            functionName: "payments",
            environment: Environment(["VALKEY_URL": server.url, "PAYMENT_SECRET": "s3cret"])
        )
        let own = try await secret
        #expect(await problem { try await void("k", authorization: own, in: told) }?.status == .unauthorized)
        #expect(try await json(void("k", authorization: "Bearer s3cret", in: told))["status"] == "voided")
    }

    @Test func sharesOneSecretAndMakesAnotherWhenItIsLost() async throws {
        let found = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<10 { group.addTask { try await secret } }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(found.count == 1)
        #expect((found.first?.count ?? 0) > 40)
        _ = try await context.valkey.del(Keys.paymentSecret)
        #expect(try await secret != found.first)
    }

    @Test func keepsNoCard() async throws {
        _ = try await charge("k", card: "5555555555554444")
        let fields = try await context.valkey.hgetall(Keys.payment("k"), as: String.self)
        #expect(fields["last4"] == "4444")
        #expect(!fields.values.contains { $0.contains("55555555") || $0 == "123" })
    }
}
