import LoopbackTestSupport

/// The API server's certificate and the administrator's, and a key for ServiceAccounts' tokens.
enum TestCertificates {
    static func make(in folder: String) throws {
        let authority = try TestAuthority(in: folder)
        try authority.issue("server", for: "IP:127.0.0.1,DNS:localhost,DNS:kubernetes.default.svc")
        try authority.issue("admin", for: "DNS:admin", subject: "/O=system:masters/CN=admin")
        try authority.openssl("genrsa -out sa.key 2048")
        try authority.openssl("rsa -in sa.key -pubout -out sa.pub")
    }
}
