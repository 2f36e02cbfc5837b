/// The program's version.
enum ShopfnVersion {
    static let text = "0.1.0"
}
