package import FunctionKit
package import ShopRules

extension HTTPResponse {
    /// A cart as JSON.
    package static func cart(_ cart: Cart) -> HTTPResponse { .bytes(cart.json, contentType: "application/json") }
}
