/// An authority and two certificates it signed, made with openssl.
struct KedaCertificates {
    let folder: TemporaryFolder

    var authority: String { folder("ca.crt") }
    var server: (certificate: String, key: String) { (folder("server.crt"), folder("server.key")) }
    var client: (certificate: String, key: String) { (folder("client.crt"), folder("client.key")) }

    static let openssl = Programs.installed("openssl")

    init() throws {
        folder = try TemporaryFolder()
        try make("ca", signed: false)
        try make("server", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1")
        try make("client")
    }

    /// Makes a certificate anew, for the same name.
    func make(_ name: String, signed: Bool = true, _ more: String...) throws {
        var arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
        ]
        arguments += ["-subj", "/CN=\(name)", "-keyout", folder("\(name).key"), "-out", folder("\(name).crt")]
        if signed { arguments += ["-CA", folder("ca.crt"), "-CAkey", folder("ca.key")] }
        let process = try ChildProcess(Self.openssl ?? "openssl", arguments + more)
        let end = try process.end(within: .seconds(30))
        guard end == .code(0) else { throw TestFailure("openssl: \(process.errorText)") }
    }
}
