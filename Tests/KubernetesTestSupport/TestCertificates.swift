import Foundation

/// An authority, the server's certificate and the administrator's, and a key for ServiceAccounts' tokens, by openssl.
enum TestCertificates {
    static func make(in folder: String) throws {
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
        try openssl("req -x509 \(key) -days 2 -subj /CN=test-ca -keyout ca.key -out ca.pem", in: folder)
        for (name, subject, names) in [
            ("server", "/CN=kube-apiserver", "IP:127.0.0.1,DNS:localhost,DNS:kubernetes.default.svc"),
            ("admin", "/O=system:masters/CN=admin", "DNS:admin"),
        ] {
            try openssl("req \(key) -subj \(subject) -keyout \(name).key -out \(name).csr", in: folder)
            try "subjectAltName=\(names)".write(toFile: "\(folder)/\(name).ext", atomically: true, encoding: .utf8)
            try openssl(
                "x509 -req -in \(name).csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile \(name).ext "
                    + "-out \(name).pem",
                in: folder
            )
        }
        try openssl("genrsa -out sa.key 2048", in: folder)
        try openssl("rsa -in sa.key -pubout -out sa.pub", in: folder)
    }

    private static func openssl(_ arguments: String, in folder: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments.split(separator: " ").map(String.init)
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw TestClusterError(description: "openssl \(arguments) failed with \(process.terminationStatus)")
        }
    }
}
