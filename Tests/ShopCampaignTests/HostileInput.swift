import Testing

/// A request that must not be accepted, and what it is to be answered with.
struct HostileInput: Sendable, CustomTestStringConvertible {
    var method: String
    var path: String
    var body: String?
    var headers: [(String, String)]
    var status: Int
    /// Fields that the answer's list `errors` names.
    var fields: [String]

    init(
        _ method: String,
        _ path: String,
        _ body: String? = nil,
        _ headers: [(String, String)] = [],
        is status: Int,
        _ fields: String...
    ) {
        self.method = method
        self.path = path
        self.body = body
        self.headers = headers
        self.status = status
        self.fields = fields
    }

    var testDescription: String { "\(method) \(path) \(body?.prefix(60) ?? "")" }

    static let all = queries + paths + addToCart + otherCartBodies + checkout + payments

    private static let queries: [HostileInput] = [
        .init("GET", "/api/products?page=0", is: 422, "page"),
        .init("GET", "/api/products?page=-1", is: 422, "page"),
        .init("GET", "/api/products?page=9223372036854775808", is: 422, "page"),
        .init("GET", "/api/products?page=1.5", is: 422, "page"),
        .init("GET", "/api/products?page=%00", is: 422, "page"),
        .init("GET", "/api/products?page=", is: 422, "page"),
        .init("GET", "/api/products?page=%2B1", is: 422, "page"),
        .init("GET", "/api/products?page=%D9%A1", is: 422, "page"),
        .init("GET", "/api/products?size=101", is: 422, "size"),
        .init("GET", "/api/products?size=0x10", is: 422, "size"),
        .init("GET", "/api/products?sort=stock", is: 422, "sort"),
        .init("GET", "/api/products?sort=name;DROP%20TABLE", is: 422, "sort"),
        .init("GET", "/api/products?category=a%00b", is: 422, "category"),
        .init("GET", "/api/products?category=" + String(repeating: "a", count: 101), is: 422, "category"),
        .init("GET", "/api/products?colour=red", is: 422, "colour"),
        .init("GET", "/api/products?page=1&page=2", is: 422, "page"),
        .init("GET", "/api/products?page=x&size=y&sort=z", is: 422, "page", "size", "sort"),
        .init("GET", "/api/products/search", is: 422, "q"),
        .init("GET", "/api/products/search?q=", is: 422, "q"),
        .init("GET", "/api/products/search?q=%21%21", is: 422, "q"),
        .init("GET", "/api/products/search?q=" + String(repeating: "a", count: 201), is: 422, "q"),
        .init("GET", "/api/products/search?q=a&limit=1", is: 422, "limit"),
    ]

    private static let paths: [HostileInput] = [
        .init("GET", "/api/products/none", is: 404),
        .init("GET", "/api/products/%7Bwalnut-pen%7D", is: 404),
        .init("GET", "/api/products/walnut-pen%00", is: 400),
        .init("GET", "/api/products/walnut-pen%0D%0AHGETALL", is: 404),
        .init("GET", "/api/products/WALNUT-PEN", is: 404),
        .init("GET", "/api/products/%E2%80%AE", is: 404),
        .init("GET", "/api/products/" + String(repeating: "a", count: 1_000), is: 404),
        .init("GET", "/api/carts/%7B%7D", is: 422, "cart"),
        .init("GET", "/api/carts/a%20b", is: 422, "cart"),
        .init("GET", "/api/carts/a%7Db", is: 422, "cart"),
        .init("GET", "/api/carts/%C3%A9", is: 422, "cart"),
        .init("GET", "/api/carts/" + String(repeating: "c", count: 65), is: 422, "cart"),
        .init("DELETE", "/api/carts/a:b", is: 422, "cart"),
        .init("DELETE", "/api/carts/a*/items/walnut-pen", is: 422, "cart"),
        .init("GET", "/api/orders/none", is: 404),
        .init("GET", "/api/orders/00%7B0000000000000000", is: 404),
        .init("GET", "/api/orders/99aaaaaaaaaaaaaaaa", is: 404),
        .init("GET", "/api/payments/none", is: 404),
        .init("GET", "/api/payments/a%20b", is: 422, "Idempotency-Key"),
        .init("DELETE", "/api/payments/none", is: 401),
        .init("DELETE", "/api/payments/a%20b", is: 422, "Idempotency-Key"),
        .init("PATCH", "/api/checkout", is: 405),
        .init("GET", "/api/none", is: 404),
    ]

    private static let addToCart: [HostileInput] = [
        item(#"{"productId":"walnut-pen"}"#, is: 422, "quantity"),
        item(#"{"quantity":1}"#, is: 422, "productId"),
        item("{}", is: 422, "productId", "quantity"),
        item(#"{"productId":"walnut-pen","quantity":0}"#, is: 422, "quantity"),
        item(#"{"productId":"walnut-pen","quantity":-1}"#, is: 422, "quantity"),
        item(#"{"productId":"walnut-pen","quantity":100}"#, is: 422, "quantity"),
        item(#"{"productId":"walnut-pen","quantity":1.5}"#, is: 422, "quantity"),
        item(#"{"productId":"walnut-pen","quantity":1e2}"#, is: 422, "quantity"),
        item(#"{"productId":"walnut-pen","quantity":"1"}"#, is: 422, "quantity"),
        item(#"{"productId":"walnut-pen","quantity":true}"#, is: 422, "quantity"),
        item(#"{"productId":"walnut-pen","quantity":null}"#, is: 422, "quantity"),
        item(#"{"productId":"walnut-pen","quantity":[1]}"#, is: 422, "quantity"),
        item(#"{"productId":"walnut-pen","quantity":9223372036854775807}"#, is: 422, "quantity"),
        item(#"{"productId":"walnut-pen","quantity":1,"price":1}"#, is: 422, "price"),
        item(#"{"productId":"walnut-pen","quantity":1,"a/b~c":1}"#, is: 422, "a/b~c"),
        item(#"{"productId":17,"quantity":1}"#, is: 422, "productId"),
        item(#"{"productId":"","quantity":1}"#, is: 422, "productId"),
        item(#"{"productId":"walnut-pen\u0000","quantity":1}"#, is: 422),
        item(#"{"productId":":id","quantity":1}"#, is: 404),
        item(#"{"productId":"{x}","quantity":1}"#, is: 404),
        item(#"{"productId":"none","quantity":1}"#, is: 404),
        item(#"{"productId":"walnut-pen","quantity":1"#, is: 400),
        item(#"{"productId":"walnut-pen","productId":"x","quantity":1}"#, is: 400),
        item(#"{"productId":"walnut-pen","quantity":1e999}"#, is: 400),
        item(#"{"productId":"walnut-pen","quantity":99999999999999999999999}"#, is: 400),
        item(#"{'productId':'walnut-pen','quantity':1}"#, is: 400),
        item("[]", is: 422, ""),
        item("null", is: 422, ""),
        item("", is: 400),
        item(String(repeating: "[", count: 10_000), is: 400),
        item("\"" + String(repeating: "a", count: 70_000) + "\"", is: 413),
        .init("POST", "/api/carts/c/items", "quantity=1", [("content-type", "text/plain")], is: 415),
        .init("POST", "/api/carts/c/items", "<a/>", [("content-type", "application/xml")], is: 415),
    ]

    private static let otherCartBodies: [HostileInput] = [
        json("PUT", "/api/carts/c/items/walnut-pen", #"{"quantity":-1}"#, is: 422, "quantity"),
        json("PUT", "/api/carts/c/items/walnut-pen", #"{"quantity":100}"#, is: 422, "quantity"),
        json("PUT", "/api/carts/c/items/walnut-pen", "{}", is: 422, "quantity"),
        json("PUT", "/api/carts/c/items/none", #"{"quantity":1}"#, is: 404),
        json("PUT", "/api/carts/c/items/%3Aid", #"{"quantity":1}"#, is: 404),
        json("POST", "/api/carts/c/merge", #"{"from":"c"}"#, is: 422, "from"),
        json("POST", "/api/carts/c/merge", #"{"from":"{x}"}"#, is: 422, "from"),
        json("POST", "/api/carts/c/merge", #"{"from":5}"#, is: 422, "from"),
        json("POST", "/api/carts/c/merge", "{}", is: 422, "from"),
    ]

    private static let checkout: [HostileInput] = [
        json("POST", "/api/checkout", order(), is: 400),
        .init("POST", "/api/checkout", order(), type + key("a") + key("b"), is: 400),
        .init("POST", "/api/checkout", order(), type + key("a b"), is: 422, "Idempotency-Key"),
        .init(
            "POST",
            "/api/checkout",
            order(),
            type + key(String(repeating: "k", count: 129)),
            is: 422,
            "Idempotency-Key"
        ),
        placed("{}", is: 422, "cartId", "email", "shippingAddress", "payment"),
        placed(order(), is: 409),
        placed(order(cart: "a b"), is: 422, "cartId"),
        placed(order(email: "jane"), is: 422, "email"),
        placed(order(email: "jane@x.y\\r\\nBcc: all@x.y"), is: 422, "email"),
        placed(order(country: "XX"), is: 422, "shippingAddress.country"),
        placed(order(country: "us"), is: 422, "shippingAddress.country"),
        placed(order(region: "ZZ"), is: 422, "shippingAddress.region"),
        placed(order(postalCode: "ABCDE"), is: 422, "shippingAddress.postalCode"),
        placed(order(name: "\\u0007"), is: 422, "shippingAddress.name"),
        placed(order(name: String(repeating: "n", count: 101)), is: 422, "shippingAddress.name"),
        placed(order(card: "4242424242424241"), is: 422, "payment.cardNumber"),
        placed(order(card: "0"), is: 422, "payment.cardNumber"),
        placed(order(month: "13"), is: 422, "payment.expiryMonth"),
        placed(order(year: "2001"), is: 422, "payment.expiryYear"),
        placed(order(year: "\"2035\""), is: 422, "payment.expiryYear"),
        placed(order(cvv: "12"), is: 422, "payment.cvv"),
        placed(order(cvv: "12345"), is: 422, "payment.cvv"),
        placed(order(more: #","total":1"#), is: 422, "total"),
        placed(order(more: #","cartVersion":5"#), is: 422, "cartVersion"),
        placed(
            #"{"cartId":"c","email":"a@b.c","shippingAddress":[],"payment":"card"}"#,
            is: 422,
            "shippingAddress",
            "payment"
        ),
    ]

    private static let payments: [HostileInput] = [
        json("POST", "/api/payments", "{}", is: 400),
        .init("POST", "/api/payments", "{}", type + key("p"), is: 422, "amount", "payment"),
        .init("POST", "/api/payments", payment(amount: "0"), type + key("p"), is: 422, "amount.amount"),
        .init("POST", "/api/payments", payment(amount: "-5"), type + key("p"), is: 422, "amount.amount"),
        .init("POST", "/api/payments", payment(amount: "100000001"), type + key("p"), is: 422, "amount.amount"),
        .init("POST", "/api/payments", payment(currency: "usd"), type + key("p"), is: 422, "amount.currency"),
    ]

    private static let type = [("content-type", "application/json")]

    private static func key(_ value: String) -> [(String, String)] { [("idempotency-key", value)] }

    private static func json(
        _ method: String,
        _ path: String,
        _ body: String,
        is status: Int,
        _ fields: String...
    ) -> HostileInput {
        var input = HostileInput(method, path, body, type, is: status)
        input.fields = fields
        return input
    }

    private static func item(_ body: String, is status: Int, _ fields: String...) -> HostileInput {
        var input = HostileInput("POST", "/api/carts/c/items", body, type, is: status)
        input.fields = fields
        return input
    }

    private static func placed(_ body: String, is status: Int, _ fields: String...) -> HostileInput {
        var input = HostileInput("POST", "/api/checkout", body, type + key("hostile"), is: status)
        input.fields = fields
        return input
    }

    private static func order(
        cart: String = "empty-cart",
        email: String = "jane@example.com",
        name: String = "Jane",
        region: String = "OR",
        postalCode: String = "97201",
        country: String = "US",
        card: String = "4242424242424242",
        month: String = "12",
        year: String = "2035",
        cvv: String = "123",
        more: String = ""
    ) -> String {
        """
        {"cartId":"\(cart)","email":"\(email)","shippingAddress":{"name":"\(name)","line1":"1 Main Street",\
        "city":"Portland","region":"\(region)","postalCode":"\(postalCode)","country":"\(country)"},\
        "payment":{"cardNumber":"\(card)","expiryMonth":\(month),"expiryYear":\(year),"cvv":"\(cvv)"}\(more)}
        """
    }

    private static func payment(currency: String = "USD", amount: String = "5") -> String {
        """
        {"amount":{"currency":"\(currency)","amount":\(amount)},"payment":{"cardNumber":"4242424242424242",\
        "expiryMonth":12,"expiryYear":2035,"cvv":"123"}}
        """
    }
}
