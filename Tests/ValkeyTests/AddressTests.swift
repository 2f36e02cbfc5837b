import Testing
import Valkey

@Suite("Valkey URLs")
struct AddressTests {
    @Test("name endpoint, credentials, database and TLS")
    func forms() throws {
        #expect(try ValkeyURL("valkey://h") == ValkeyURL(endpoint: .tcp(host: "h", port: 6379)))
        #expect(try ValkeyURL("REDIS://h:7/3") == ValkeyURL(endpoint: .tcp(host: "h", port: 7), database: 3))
        #expect(
            try ValkeyURL("rediss://u%40x:p%3A%2F@[::1]:6380/0?ca=/a%20b&servername=n")
                == ValkeyURL(
                    endpoint: .tcp(host: "::1", port: 6380),
                    user: "u@x",
                    password: "p:/",
                    tls: ValkeyTLS(authorities: "/a b", serverName: "n")
                )
        )
        #expect(
            try ValkeyURL("valkeys://h?cluster=true")
                == ValkeyURL(endpoint: .tcp(host: "h", port: 6379), tls: ValkeyTLS(), isCluster: true)
        )
        #expect(try ValkeyURL("valkey://h:7?cluster=true").description == "valkey://h:7/0?cluster=true")
        #expect(try ValkeyURL("valkey://h?cluster=false").isCluster == false)
        let several = try ValkeyURL("valkey://:p@a:1,[::1]:2,c?cluster=true")
        #expect(several.otherNodes == [.tcp(host: "::1", port: 2), .tcp(host: "c", port: 6_379)])
        #expect(several.description == "valkey://a:1,[::1]:2,c:6379/0?cluster=true")
        #expect(try ValkeyURL("valkey://:secret@h").password == "secret")
        #expect(try ValkeyURL("valkey://:se@cret@h").password == "se@cret")
        #expect(
            try ValkeyURL("unix://u:p@/run/v.sock?db=2")
                == ValkeyURL(endpoint: .unix(path: "/run/v.sock"), user: "u", password: "p", database: 2)
        )
    }

    @Test(
        "that cannot be used say what is wrong",
        arguments: [
            ("", "scheme"), ("localhost:6379", "scheme"), ("http://h", "\"http\""), ("valkey://", "host is missing"),
            ("valkey://h:0", "port"), ("valkey://h:x", "port"), ("valkey://h:65536", "port"),
            ("valkey://[::1", "bracket"),
            ("valkey://[::1]x", "only a port"), ("valkey://h/x", "database"), ("valkey://h/-1", "database"),
            ("valkey://h/1?db=1", "twice"), ("valkey://user@h", "password is missing"), ("valkey://:%zz@h", "%25"),
            ("valkey://:%ff@h", "UTF-8"), ("unix://run/x", "absolute"), ("valkey://h?ca=/x", "valkeys"),
            ("valkey://h?foo=1", "\"foo\""), ("valkey://h?cluster=yes", "true or false"),
            ("unix:///s?cluster=true", "by TCP"), ("valkey://a,b", "add ?cluster=true"),
            ("valkey://a,?cluster=true", "host is missing"),
        ]
    )
    func mistakes(text: String, message: String) throws {
        let error = try #require(throws: ValkeyError.self) { try ValkeyURL(text) }
        #expect(error.description.contains(message), "\(error)")
    }

    @Test("never show the password")
    func secrecy() throws {
        for text in ["valkey://user:hush@h/1", "unix://user:hush@/p", "valkeys://user:hush@[::1]:1"] {
            let url = try ValkeyURL(text)
            var dumped = ""
            dump(url, to: &dumped)
            for shown in ["\(url)", String(reflecting: url), dumped, "\([url])", "\(Optional(url) as Any)"] {
                #expect(!shown.contains("hush"), "\(shown)")
            }
        }
        let error = try #require(throws: ValkeyError.self) { try ValkeyURL("valkey://user:hush@h:x") }
        #expect(!"\(error)".contains("hush"))
    }
}
