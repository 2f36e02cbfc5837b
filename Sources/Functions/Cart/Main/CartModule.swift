import Cart
import FunctionKit

/// The functions of carts.
@main struct CartModule: FunctionModule {
    static let functions = Functions {
        GetCart.self
        AddToCart.self
        SetCartItem.self
        RemoveCartItem.self
        EmptyCart.self
        MergeCarts.self
    }
}
