import Testing

@testable import HTTP

@Suite("URLs") struct HTTPURLTests {
    @Test(arguments: [
        ("http://example.com", "http", "example.com", 80, "/"),
        ("https://example.com", "https", "example.com", 443, "/"),
        ("HTTPS://Example.COM:8443/a/b?c=d#e", "https", "example.com", 8443, "/a/b?c=d"),
        ("http://example.com?x=1", "http", "example.com", 80, "/?x=1"),
        ("http://example.com#x", "http", "example.com", 80, "/"),
        ("http://example.com:", "http", "example.com", 80, "/"),
        ("http://[::1]:81/x", "http", "::1", 81, "/x"),
        ("http://[::FFFF:1.2.3.4]", "http", "::ffff:1.2.3.4", 80, "/"),
        ("http://user:pass@example.com/x", "http", "example.com", 80, "/x"),
        ("http://good.com@evil.com/", "http", "evil.com", 80, "/"),
        ("http://evil.com\\@good.com/", "http", "evil.com", 80, "/%5C@good.com/"),
        ("http://example.com/ä b", "http", "example.com", 80, "/%C3%A4%20b"),
    ])
    func areSplit(text: String, scheme: String, host: String, port: Int, target: String) throws {
        let url = try #require(HTTPURL(text))
        #expect(url.origin.scheme.rawValue == scheme)
        #expect(url.origin.host == host)
        #expect(url.origin.port == port)
        #expect(url.target == target)
    }

    @Test(arguments: [
        "", "example.com", "ftp://example.com", "http:/example.com", "http://", "http:///x", "http://:80",
        "http://a b/",
        "http://example.com:0", "http://example.com:65536", "http://example.com:80x", "http://example.com:-1",
        "http://[::1", "http://[1.2.3.4]", "http://[::1]x", "http://[::1%25eth0]/", "http://bücher.example/",
        "http://example.com/\r\nX: y", "http://example.com/\0", "http://exa\tmple.com/",
    ])
    func thatCannotBeCalledAreNone(text: String) {
        #expect(HTTPURL(text) == nil)
        #expect(HTTPOrigin(url: text) == nil)
    }

    @Test(arguments: [
        ("http://example.com/", "example.com"), ("https://example.com:443/", "example.com"),
        ("https://example.com:80/", "example.com:80"), ("http://[::1]/", "[::1]"), ("http://[::1]:8/", "[::1]:8"),
    ])
    func nameTheirHost(text: String, header: String) {
        #expect(HTTPOrigin(url: text)?.hostHeader == header)
    }

    @Test func tellThisMachineFromOthers() {
        for host in ["localhost", "a.localhost", "127.0.0.1", "127.1", "::1"] {
            #expect(HTTPOrigin(scheme: .http, host: host, port: 80).isLoopback)
        }
        for host in ["example.com", "127.example.com", "128.0.0.1", "::2", "localhost.example.com"] {
            #expect(!HTTPOrigin(scheme: .http, host: host, port: 80).isLoopback)
        }
    }
}
