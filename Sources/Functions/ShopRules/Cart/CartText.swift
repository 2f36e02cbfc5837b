internal import JSON

extension Cart {
    /// The cart as JSON, the same as a coder makes of it.
    package var json: [UInt8] {
        var text = JSONText(capacity: 160 + 200 * items.count)
        text.object { text in
            text.member("id", id)
            text.name("items")
            text.list(items) { $1.write(to: &$0) }
            text.member("total", total)
            text.member("version", version)
        }
        return text.bytes
    }
}

extension CartItem {
    func write(to text: inout JSONText) {
        text.object { text in
            text.member("productId", productId)
            text.member("name", name)
            text.member("quantity", quantity)
            text.member("unitPrice", unitPrice)
            text.member("total", total)
        }
    }
}

extension JSONText {
    mutating func member(_ name: StaticString, _ money: Money) {
        self.name(name)
        object { text in
            text.member("currency", money.currency)
            text.member("amount", money.amount)
        }
    }
}
