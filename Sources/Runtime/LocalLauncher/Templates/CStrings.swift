import Glibc

/// Calls `body` with a list of C strings that ends with a null pointer, as exec takes it.
package func withStrings<Result>(
    _ strings: [String],
    _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    var pointers = strings.map { strdup($0) }
    pointers.append(nil)
    defer { for pointer in pointers { free(pointer) } }
    return pointers.withUnsafeBufferPointer { buffer in
        // The list is never empty: it ends with null.
        withUnsafePointer(to: UnsafeMutablePointer<CChar>?.none) { body(buffer.baseAddress ?? $0) }
    }
}
