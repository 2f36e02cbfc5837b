import Testing

extension ProcessTests {
    @Suite struct CommandLineTests {
        private func run(_ arguments: String...) throws -> (end: ProbeProcess.End, text: String) {
            let process = try ProbeProcess(arguments)
            return (try process.end(), process.text)
        }

        @Test func aModuleDescribesItself() throws {
            let (end, text) = try run("--describe")
            #expect(end == .code(0))
            #expect(text.hasPrefix(#"{"module":"probe","protocol":2,"handlers":["Hello","Echo","#))
            #expect(text.hasSuffix("]}\n"))
            #expect(text.split(separator: "\n").count == 1)
        }

        @Test func aWrongCommandLineIsExplained() throws {
            let cases: [([String], String)] = [
                ([], "--function NAME is missing"),
                (["--function", "f", "--fd", "1"], "--handler HANDLER is missing"),
                (
                    ["--function", "f", "--handler", "Hello"],
                    "--gateway unix:///PATH, dns:///NAME:PORT or HOST:PORT, or --fd N, is missing"
                ),
                (["--function"], "--function needs a value"),
                (["--function", "f", "--function", "g"], "given twice"),
                (["--wrong"], "unknown argument '--wrong'"),
                (["--describe", "--function", "f"], "--function cannot stand beside it"),
                (["--function", "f", "--gateway", "https://g:1"], "'https://g:1' has an unknown scheme"),
                (["--function", "f", "--gateway", "/g"], "'/g' has no port"),
                (["--function", "f", "--gateway", "g:1,::1:7070"], "write an IPv6 address in brackets"),
                (["--function", "f", "--gateway", "dns:///g:1"], "--token-file FILE is missing"),
                (["--function", "f", "--gateway", "g:1", "--token-file", "/t"], "--ca FILE is missing"),
                (
                    ["--function", "f", "--gateway", "g:1", "--token-file", "/t", "--ca", "/c", "--plaintext"],
                    "--ca and --plaintext cannot stand together"
                ),
                (
                    ["--function", "hello", "--gateway", "g:1", "--token-file", "/nowhere", "--plaintext"],
                    "the token file /nowhere cannot be used: No such file"
                ),
                (
                    ["--function", "greet-all", "--gateway", "g:1", "--token-file", "/t", "--plaintext"],
                    "has no handler 'GreetAll'; it has Hello"
                ),
                (
                    ["--function", "f", "--handler", "Hello", "--gateway", "unix:///g", "--plaintext"],
                    "--plaintext does not go with this kind of --gateway"
                ),
                (["--function", "f", "--handler", "Hello", "--gateway", "unix://g"], "needs an absolute path"),
                (["--function", "f", "--handler", "Hello", "--fd", "x"], "--fd 'x'"),
                (
                    ["--function", "f", "--handler", "Hello", "--fd", "1", "--gateway", "unix:///g"],
                    "cannot stand together"
                ),
                (["--function", "f", "--handler", "Hello", "--fd", "1", "--concurrency", "0"], "--concurrency '0'"),
            ]
            for (arguments, expected) in cases {
                let process = try ProbeProcess(arguments)
                #expect(try process.end() == .code(2), "\(arguments)")
                #expect(process.text.contains(expected), "\(arguments): \(process.text)")
            }
        }

        @Test func anUnknownHandlerIsExplained() throws {
            let (wire, other) = try Wire.pair()
            let process = try ProbeProcess(
                ["--function", "f", "--handler", "Helo", "--fd", "7"],
                inherit: [(other, 7)]
            )
            closeDescriptor(other)
            #expect(try process.end() == .code(2))
            #expect(process.text.contains("probe has no handler 'Helo'; it has Hello, Echo"))
            _ = wire
        }

        @Test func aGatewayThatIsNotThereIsExplained() throws {
            let (end, text) = try run(
                "--function",
                "f",
                "--handler",
                "Hello",
                "--gateway",
                "unix:///nonexistent/g.sock"
            )
            #expect(end == .code(3))
            #expect(text.contains("connect /nonexistent/g.sock: No such file or directory"))
            let long = "/" + String(repeating: "x", count: 200)
            let (_, reason) = try run("--function", "f", "--handler", "Hello", "--gateway", "unix://\(long)")
            #expect(reason.contains("has more than 107 bytes"))
        }
    }
}
