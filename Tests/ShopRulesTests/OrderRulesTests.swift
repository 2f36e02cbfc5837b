import JSON
import ShopRules
import Testing

@Suite struct OrderRulesTests {
    @Test func pricesParcels() {
        #expect(ShippingZone.domestic.cost(grams: 1, subtotal: 100) == 550)
        #expect(ShippingZone.domestic.cost(grams: 500, subtotal: 100) == 550)
        #expect(ShippingZone.domestic.cost(grams: 501, subtotal: 100) == 600)
        #expect(ShippingZone.domestic.cost(grams: 9_000, subtotal: 7_499) == 1_400)
        #expect(ShippingZone.domestic.cost(grams: 9_000, subtotal: 7_500) == 0)
        #expect(ShippingZone.europe.cost(grams: 1_000, subtotal: 100_000) == 1_800)
        #expect(ShippingZone(country: "DE") == .europe)
        #expect(ShippingZone(country: "de") == nil)
        #expect(ShippingZone(country: "XX") == nil)
    }

    @Test func taxesByRegion() {
        #expect(TaxTable.tax(subtotal: 10_000, shipping: 500, country: "US", region: "CA") == 725)
        #expect(TaxTable.tax(subtotal: 10_000, shipping: 500, country: "US", region: "OR") == 0)
        #expect(TaxTable.tax(subtotal: 10_000, shipping: 500, country: "DE", region: "") == 1_995)
        #expect(TaxTable.tax(subtotal: 10_000, shipping: 500, country: "JP", region: "") == 0)
        // 0.5 is rounded up: 7.25 % of 200 is 14.5.
        #expect(TaxTable.tax(subtotal: 200, shipping: 0, country: "US", region: "CA") == 15)
        #expect(TaxTable.tax(subtotal: 10_000, shipping: 0, country: "CA", region: "QC") == 1_498)
    }

    @Test(arguments: [
        ("jane@example.com", true), ("a.b+c@x-y.example.co", true), ("jane", false), ("@x.y", false), ("a@b", false),
        ("a@b.", false), ("a b@c.d", false), ("a@@b.c", false), ("a@-b.c", false), ("a@b..c", false),
        ("<a>@b.c", false),
    ])
    func judgesAddresses(_ address: String, _ isPlausible: Bool) {
        #expect(Email.isPlausible(address) == isPlausible)
    }

    @Test func masksAddresses() {
        #expect(Email.masked("jane@example.com") == "j***@example.com")
        #expect(Email.masked("@example.com") == "***")
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (1_772_368_200_250, "2026-03-01T12:30:00.250Z"),
        (951_782_399_999, "2000-02-28T23:59:59.999Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (4_102_444_799_000, "2099-12-31T23:59:59.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
    ])
    func writesTimes(_ milliseconds: Int, _ text: String) {
        #expect(UTCTime(milliseconds: milliseconds).text == text)
    }

    @Test func spreadsKeysAndKnowsThemAgain() throws {
        var seen: Set<Int> = []
        var generator = SystemRandomNumberGenerator()
        for number in 0..<500 {
            let partition = try IdempotencyKey("key-\(number)").partition
            let id = OrderID.make(partition: partition, using: &generator)
            #expect(OrderID.partition(id) == partition)
            #expect(Identifier.isOrder(id))
            seen.insert(partition)
        }
        #expect(seen == Set(0..<IdempotencyKey.partitions))
        for text in ["", "03", "99re9y8p1p1v4j65rs", "+3re9y8p1p1v4j65rs", "03RE9Y8P1P1V4J65RS", "03re9y8p1p1v4j65ré"] {
            #expect(OrderID.partition(text) == nil)
        }
    }

    @Test(arguments: ["", "a b", "é", "a\u{0}", String(repeating: "k", count: 129)])
    func refusesKeys(_ text: String) {
        #expect(throws: InvalidInput.self) { try IdempotencyKey(text) }
    }

    @Test func escapesKeys() throws {
        #expect(try IdempotencyKey("a{b}:c%-_.").escaped == "a%7bb%7d%3ac%25-_.")
    }

    @Test func changesACartsVersionWithItsContentAndPrices() {
        func version(_ quantity: Int, _ price: Int) -> String {
            let facts = ProductFacts(name: "Pen", price: Money(currency: "USD", amount: price), weight: 1)
            let lines = [CartLine(product: "pen", quantity: quantity)]
            return Cart(id: "c", lines: lines, products: ["pen": facts]).version
        }
        #expect(version(1, 100) == version(1, 100))
        #expect(version(1, 100) != version(2, 100))
        #expect(version(1, 100) != version(1, 101))
        #expect(version(11, 1) != version(1, 11))
    }
}
