/// A manifest for the probe module.
struct ProbeManifest {
    struct Function {
        var name: String
        var handler: String
        /// Empty for a function that its settings give a schedule.
        var route: String
        /// Further keys, as `timeout: 1s`.
        var settings: [String]
        var module: String

        init(_ name: String, _ handler: String, _ route: String, _ settings: String..., module: String = "probe") {
            self.name = name
            self.handler = handler
            self.route = route
            self.settings = settings
            self.module = module
        }
    }

    var functions: [Function]

    init(_ functions: Function...) {
        self.functions = functions
    }

    var text: String {
        // A worker stays until it has been idle for as long as the test says; tests of other policies name theirs.
        var text = "version: 1\nservice: end-to-end\ndefaults: { scale: { policy: fixed } }\nfunctions:\n"
        for function in functions {
            text += "  \(function.name):\n    module: \(function.module)\n    handler: \(function.handler)\n"
            text += function.route.isEmpty ? "" : "    route: \(function.route)\n"
            for setting in function.settings { text += "    \(setting)\n" }
        }
        return text
    }
}
