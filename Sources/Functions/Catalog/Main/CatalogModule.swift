import Catalog
import FunctionKit

/// The functions of the catalogue.
@main struct CatalogModule: FunctionModule {
    static let functions = Functions {
        ListProducts.self
        SearchProducts.self
        GetProduct.self
        GetOpenAPI.self
    }
}
