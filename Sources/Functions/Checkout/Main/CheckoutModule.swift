import Checkout
import FunctionKit

/// The functions of orders.
@main struct CheckoutModule: FunctionModule {
    static let functions = Functions {
        PlaceOrder.self
        GetOrder.self
        RecoverOrders.self
    }
}
