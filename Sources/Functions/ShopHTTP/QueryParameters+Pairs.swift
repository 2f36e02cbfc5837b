package import FunctionKit

extension QueryParameters {
    /// The parameters as names and values.
    package var pairs: [(name: String, value: String)] { all.map { ($0.name, $0.value) } }
}
