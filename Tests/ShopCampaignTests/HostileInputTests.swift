import FunctionKit
import HTTPTransfer
import ShopState
import ShopTestSupport
import Testing

@Suite struct HostileInputTests {
    /// Every case gets its answer with the names of its fields, and nothing is written by any.
    @Test func refusesEachCaseAndWritesNothing() async throws {
        #expect(HostileInput.all.count >= 80)
        let shop = try await RunningShop()
        // An order of an empty cart leaves its own trace; it is begun before the keys are counted.
        let valkey = try shop.client()
        let before = try await keys(valkey)
        for input in HostileInput.all {
            let response = try await shop.send(input)
            let text = String(decoding: response.body, as: UTF8.self)
            #expect(response.status == input.status, "\(input.testDescription): \(text)")
            guard response.status >= 400 else { continue }
            #expect(response.headers["content-type"] == "application/problem+json", "\(input.testDescription)")
            let problem = try JSONValue(parsing: response.body)
            #expect(problem["status"]?.intValue == input.status, "\(input.testDescription)")
            let named = problem["errors"]?.arrayValue?.compactMap { $0["field"]?.stringValue } ?? []
            for field in input.fields { #expect(named.contains(field), "\(input.testDescription): \(text)") }
        }
        #expect(try await keys(valkey) == before)
        await valkey.close()
    }

    /// All keys but those of orders, of which the empty cart's is one.
    private func keys(_ valkey: ValkeyClient) async throws -> [String] {
        try await valkey.send(ValkeyCommand("KEYS", "*"), as: [String].self)
            .filter { !$0.hasPrefix("shop:order") }.sorted()
    }
}
