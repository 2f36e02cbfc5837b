import FunctionKit
import HTTPTransfer
import ShopTestSupport

/// A customer who goes on until he knows what came of his order.
struct Customer: Sendable {
    /// What came of it.
    enum Outcome: Equatable, Sendable {
        case placed(String)
        case declined
        case refused(Int)
        /// No answer that tells, however often he asked.
        case unknown(String)
    }

    let shop: RunningShop
    let name: String

    /// Fills a cart, asking until it is answered.
    func fill(_ product: String, _ quantity: Int) async {
        let body: JSONValue = ["productId": .string(product), "quantity": .int(quantity)]
        for _ in 0..<300 {
            if let response = try? await shop.send("POST", "/api/carts/\(name)/items", body),
                response.status < 500
            {
                return
            }
            try? await Task.sleep(for: .milliseconds(100))
        }
    }

    /// Orders what is in the cart, with one key however often he has to ask.
    func checkout(card: String = "4242424242424242", key: String? = nil, tries: Int = 100) async -> Outcome {
        let body = Customers.checkout(cart: name, card: card)
        var last = ""
        for _ in 0..<tries {
            do {
                let response = try await shop.send("POST", "/api/checkout", body, key: key ?? "key-\(name)")
                switch response.status {
                case 201:
                    let order = try JSONValue(parsing: response.body)["id"]?.stringValue
                    return .placed(order ?? "")
                case 402: return .declined
                case 400..<500: return .refused(response.status)
                default: last = "\(response.status) \(String(decoding: response.body, as: UTF8.self))"
                }
            } catch {
                last = "\(error)"
            }
            try? await Task.sleep(for: .milliseconds(200))
        }
        return .unknown(last)
    }
}
