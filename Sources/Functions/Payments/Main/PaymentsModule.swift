import FunctionKit
import Payments

/// The stand-in payment provider.
@main struct PaymentsModule: FunctionModule {
    static let functions = Functions {
        Charge.self
        GetPayment.self
        VoidPayment.self
    }
}
