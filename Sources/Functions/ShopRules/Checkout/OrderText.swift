internal import JSON

extension OrderRecord {
    /// The record as JSON, the same as a coder makes of it.
    package var json: [UInt8] {
        var text = JSONText(capacity: 640 + 200 * lines.count)
        text.object { text in
            text.member("id", id)
            text.member("cart", cart)
            text.name("lines")
            text.list(lines) { $1.write(to: &$0) }
            text.member("subtotal", subtotal)
            text.member("shipping", shipping)
            text.member("tax", tax)
            text.member("total", total)
            text.member("email", email)
            text.name("shippingAddress")
            shippingAddress.write(to: &text)
            text.member("cardLast4", cardLast4)
            text.member("cardBrand", cardBrand)
        }
        return text.bytes
    }
}

extension OrderView {
    /// The order as JSON, the same as a coder makes of it.
    package var json: [UInt8] {
        var text = JSONText(capacity: 480 + 200 * lines.count)
        text.object { text in
            text.member("id", id)
            text.member("status", status)
            text.name("lines")
            text.list(lines) { $1.write(to: &$0) }
            text.member("subtotal", subtotal)
            text.member("shipping", shipping)
            text.member("tax", tax)
            text.member("total", total)
            text.member("placedAt", placedAt)
            text.member("email", email)
            text.name("payment")
            text.object { text in
                text.member("last4", payment.last4)
                text.member("brand", payment.brand)
                text.member("reference", payment.reference)
            }
        }
        return text.bytes
    }
}

extension Address {
    fileprivate func write(to text: inout JSONText) {
        text.object { text in
            text.member("name", name)
            text.member("line1", line1)
            text.member("line2", line2)
            text.member("city", city)
            text.member("region", region)
            text.member("postalCode", postalCode)
            text.member("country", country)
        }
    }
}
