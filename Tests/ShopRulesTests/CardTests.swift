import JSON
import ShopRules
import Testing

@Suite struct CardTests {
    private static let march2026 = UTCTime(milliseconds: 1_772_323_200_000)

    private func read(_ changes: [String: JSONValue]) throws -> Card {
        var payment: JSONObject = JSONObject([
            ("cardNumber", "4242424242424242"), ("expiryMonth", 12), ("expiryYear", 2_030), ("cvv", "123"),
        ])
        for (name, value) in changes { payment[name] = value }
        let body: JSONValue = ["amount": ["currency": "USD", "amount": 1], "payment": .object(payment)]
        return try ChargeRequest(body, now: Self.march2026).card
    }

    private func mistakes(_ changes: [String: JSONValue]) -> [String] {
        do {
            _ = try read(changes)
            return []
        } catch let input as InvalidInput {
            return input.mistakes.map(\.field)
        } catch {
            return ["\(error)"]
        }
    }

    @Test(arguments: [
        ("4242424242424242", CardBrand.visa), ("4000 0000 0000 0002", .visa), ("4222222222222", .visa),
        ("5555-5555-5555-4444", .mastercard), ("2223003122003222", .mastercard), ("6011111111111117", .discover),
        ("3056930009020004", .diners), ("3566002020360505", .jcb), ("6200000000000005", .unionpay),
    ])
    func knowsBrands(_ number: String, _ brand: CardBrand) throws {
        let card = try read(["cardNumber": .string(number)])
        #expect(card.brand == brand)
        #expect(card.last4 == String(number.filter(\.isNumber).suffix(4)))
    }

    @Test func knowsAmericanExpress() throws {
        #expect(try read(["cardNumber": "378282246310005", "cvv": "1234"]).brand == .amex)
        #expect(mistakes(["cardNumber": "378282246310005"]) == ["payment.cvv"])
        #expect(mistakes(["cvv": "1234"]) == ["payment.cvv"])
    }

    @Test(arguments: [
        "4242424242424241", "", "4242", "42424242424242424242", "abcdabcdabcdabcd", "４２４２４２４２４２４２４２４２",
        "9999999999999995", "0000000000000000", "4242 4242 4242 424x", "' OR 1=1 --",
    ])
    func refusesNumbers(_ number: String) {
        #expect(mistakes(["cardNumber": .string(number)]) == ["payment.cardNumber"])
    }

    @Test func refusesOtherTypes() {
        #expect(mistakes(["cardNumber": 4_242_424_242_424_242]) == ["payment.cardNumber"])
        #expect(mistakes(["expiryMonth": "12"]) == ["payment.expiryMonth"])
        #expect(mistakes(["expiryYear": 30]) == ["payment.expiryYear"])
        #expect(mistakes(["expiryMonth": 1.5]) == ["payment.expiryMonth"])
        #expect(mistakes(["cvv": "12a"]) == ["payment.cvv"])
    }

    @Test func expiresAtTheEndOfItsMonth() {
        #expect(mistakes(["expiryMonth": 3, "expiryYear": 2_026]) == [])
        #expect(mistakes(["expiryMonth": 2, "expiryYear": 2_026]) == ["payment.expiryYear"])
        #expect(mistakes(["expiryMonth": 12, "expiryYear": 2_025]) == ["payment.expiryYear"])
    }

    @Test func showsNoMoreThanAReceipt() throws {
        let card = try read([:])
        var dumped = ""
        dump(card, to: &dumped)
        for text in ["\(card)", String(reflecting: card), dumped] {
            #expect(!text.contains("424242424242"))
            #expect(!text.contains("123"))
        }
    }

    @Test func knowsTheTestCards() throws {
        for (number, behaviour) in [
            ("4000000000000002", CardBehaviour.declined), ("4000000000009995", .insufficientFunds),
            ("4000000000000259", .slow), ("4000000000000119", .failsBefore), ("4000000000000341", .failsAfter),
            ("4242424242424242", .accepted),
        ] {
            #expect(CardBehaviour(try read(["cardNumber": .string(number)])) == behaviour)
        }
    }
}
