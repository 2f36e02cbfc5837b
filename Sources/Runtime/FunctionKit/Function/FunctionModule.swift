internal import LogOutput
internal import Worker

/// An executable that holds related functions.
///
/// ```swift
/// @main struct CatalogModule: FunctionModule {
///     static let functions = Functions { GetProduct.self; ListProducts.self }
/// }
/// ```
public protocol FunctionModule {
    /// The functions it holds.
    static var functions: Functions { get }
}

extension FunctionModule {
    /// Runs the module as its command line says; see `--help`.
    public static func main() {
        let path = CommandLine.arguments.first ?? ""
        let name = path.split(separator: "/").last.map(String.init) ?? "module"
        LogSettings.bootstrap()
        let log = Logger.function(module: name)
        let module = Module(name: name, handlers: functions.definitions) { level, message in
            switch level {
            case .debug: log.debug("\(message)")
            case .info: log.info("\(message)")
            case .warning: log.warning("\(message)")
            case .error: log.error("\(message)")
            }
        }
        ModuleMain.run(module, arguments: CommandLine.arguments)
    }
}
