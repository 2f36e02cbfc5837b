internal import ShopRules

/// What must hold of the shop's state, whatever was killed and whenever.
package enum ShopInvariants {
    /// What does not hold, one sentence each, sorted.
    package static func violations(_ shop: ShopSnapshot) -> [String] {
        var found: [String] = []
        for (product, stock) in shop.stock { found += violations(product, stock, shop.orders) }
        for (id, order) in shop.orders { found += violations(id, order, shop.stock) }
        for id in shop.strayEvents { found.append("order \(id) does not exist, but the outbox has its event") }
        for (key, payment) in shop.payments where payment.status == "charged" && OrderID.partition(key) != nil {
            if shop.orders[key] == nil { found.append("payment \(key) is charged, but there is no such order") }
        }
        for (cart, orders) in shop.cleared {
            for order in orders where shop.orders[order]?.status != .placed {
                found.append("cart \(cart) was cleared for order \(order), which is not placed")
            }
        }
        return found.sorted()
    }

    /// How many orders are neither done nor undone.
    package static func underWay(_ shop: ShopSnapshot) -> Int {
        shop.orders.values.count { order in
            switch order.status {
            case .claimed, .pending, .cancelling, .declining: true
            case .placed: !order.isSettled
            case .declined, .cancelled: false
            }
        }
    }

    private static func violations(
        _ product: String,
        _ stock: ShopSnapshot.Stock,
        _ orders: [String: ShopSnapshot.Order]
    ) -> [String] {
        var found: [String] = []
        if stock.available + stock.reserved + stock.sold != stock.initial {
            found.append(
                "product \(product): \(stock.available) available + \(stock.reserved) reserved + \(stock.sold) sold "
                    + "are not the initial \(stock.initial)"
            )
        }
        for (name, number) in [
            ("available", stock.available), ("reserved", stock.reserved), ("sold", stock.sold),
        ] where number < 0 {
            found.append("product \(product): \(number) \(name)")
        }
        let reserved = stock.reservations.values.reduce(0, +)
        if reserved != stock.reserved {
            found.append("product \(product): \(stock.reserved) reserved, but its reservations are of \(reserved)")
        }
        let sold = stock.sales.values.reduce(0, +)
        if sold != stock.sold {
            found.append("product \(product): \(stock.sold) sold, but its sales are of \(sold)")
        }
        for (order, pieces) in stock.sales {
            let ordered = orders[order]?.record?.lines.first { $0.productId == product }?.quantity
            if orders[order]?.status != .placed {
                found.append("product \(product): \(pieces) sold to order \(order), which is not placed")
            } else if ordered != pieces {
                found.append("product \(product): \(pieces) sold to order \(order), which asks for \(ordered ?? 0)")
            }
        }
        for order in stock.reservations.keys {
            switch orders[order]?.status {
            case .cancelled, .declined, nil:
                found.append("product \(product): pieces are reserved for order \(order), which is over")
            default: break
            }
        }
        return found
    }

    private static func violations(
        _ id: String,
        _ order: ShopSnapshot.Order,
        _ stock: [String: ShopSnapshot.Stock]
    ) -> [String] {
        var found: [String] = []
        let charged = order.payment?.status == "charged"
        if let payment = order.payment, payment.charges > 1 {
            found.append("order \(id) is charged \(payment.charges) times")
        }
        switch order.status {
        case .placed:
            if !charged { found.append("order \(id) is placed, but not charged") }
            if let payment = order.payment, let record = order.record, payment.amount != record.total {
                found.append("order \(id) costs \(record.total.amount), but \(payment.amount.amount) was charged")
            }
            if order.events != 1 { found.append("order \(id) is placed and has \(order.events) events") }
            if order.record == nil { found.append("order \(id) is placed, but nothing was written down") }
            for line in order.record?.lines ?? [] where order.isSettled {
                if stock[line.productId]?.sales[id] != line.quantity {
                    found.append("order \(id) is settled, but \(line.productId) is not sold to it")
                }
            }
        case .cancelled, .declined:
            if charged { found.append("order \(id) is undone, but charged") }
            if order.events != 0 { found.append("order \(id) is undone, but has an event") }
        case .claimed, .pending, .cancelling, .declining:
            if order.events != 0 { found.append("order \(id) is not placed, but has an event") }
        }
        return found
    }
}
