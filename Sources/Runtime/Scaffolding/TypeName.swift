/// Names of Swift types made of names of functions and modules.
package enum TypeName {
    /// `list-products` becomes `ListProducts`.
    package static func from(_ name: String) -> String {
        name.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }
}
