import Testing

@testable import SendWorker

@Suite("Admin server: the host that is asked")
struct AdminHostsTests {
    @Test(
        "on loopback localhost and addresses are answered, and no other name",
        arguments: [
            ("localhost", true), ("LOCALHOST:8080", true), ("localhost.", true), ("localhost.:80", true),
            ("127.0.0.1:8080", true), ("[::1]:9000", true), ("[::1]", true), ("10.1.2.3", true),
            ("evil.example", false), ("evil.example:8080", false), ("localhost.evil.example", false),
            ("127.0.0.1.nip.io", false), ("", false),
        ]
    )
    func loopback(authority: String, isAllowed: Bool) {
        for host in ["127.0.0.1", "localhost", "::1", "[::1]", "127.5.5.5"] {
            #expect(AdminHosts(allowed: nil, listeningOn: host).allow(authority) == isAllowed)
        }
    }

    @Test("elsewhere any name is answered, unless names were given")
    func elsewhere() {
        for host in ["0.0.0.0", "::", "10.1.2.3", "worker"] {
            #expect(AdminHosts(allowed: nil, listeningOn: host).allow("worker-1.workers:8080"))
            let named = AdminHosts(allowed: ["Worker-1.workers"], listeningOn: host)
            #expect(named.allow("worker-1.workers:8080"))
            #expect(named.allow("worker-1.workers."))
            #expect(named.allow("127.0.0.1:8080"))
            #expect(named.allow("localhost"))
            #expect(!named.allow("worker-2.workers"))
        }
    }

    @Test("a request without a host, as HTTP/1.0 allows, is answered")
    func none() {
        #expect(AdminHosts(allowed: nil, listeningOn: "127.0.0.1").allow(nil))
    }
}
