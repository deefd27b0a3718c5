import Testing

@testable import InstagramMessaging

@Suite struct WebAddressTests {
    @Test(arguments: [
        "shop.test", "media.invalid", "abcdefghij234567.onion", "SHOP.TEST.", "x.y.Invalid",
        "localhost", "LOCALHOST", "localhost.", "a.localhost", "printer.local", "db.internal",
        "metadata.google.internal",
        "x.localdomain", "nas.lan", "router.home.arpa", "intranet", "minio:9000", "127.0.0.1", "127.1", "127.0.1",
        "127.0.0.1.",
        "0.0.0.0", "0", "10.1.2.3", "100.64.0.1", "100.127.255.255", "169.254.169.254", "172.16.0.1", "172.31.255.255",
        "192.168.1.1", "192.0.0.8", "198.18.0.1", "198.19.255.255", "203.0.113.5", "224.0.0.1", "255.255.255.255",
        "2130706433", "0x7f000001", "0x7f.1", "0X7F.0.0.1", "017700000001", "0177.0.0.1", "0127.0.0.1", "010.0.0.1",
        "0xa9fea9fe", "2852039166", "0xc0.0xa8.1.1", "3232235777", "[::1]", "[::]", "[fe80::1]", "[febf::1]",
        "[fc00::1]",
        "[fd12:3456::1]", "[ff02::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::FFFF:192.168.0.1]", "[::127.0.0.1]",
        "[64:ff9b::10.0.0.1]", "[64:ff9b::a00:1]", "[64:ff9b:1::1]", "[2002:7f00:1::]", "[2002:c0a8:101::1]",
        "[2001::1]",
        "[2001:db8::1]", "[fec0::1]", "[0:0:0:0:0:0:0:1]", "[::ffff:0:127.0.0.1]", "[100::1]", "[3fff::1]",
    ])
    func hostsThatLeadInsideAreNotPublic(host: String) throws {
        let url = "https://\(host)/a.png"
        #expect(try !WebURL(url).host.isPublic)
        #expect(
            brokenRules(SampleRecord.attachment("image", url: url)) == [
                "/message/attachment/payload/url url.private_host"
            ]
        )
        let options = RequestDecoder.Options(allowsPrivateHosts: true)
        #expect(brokenRules(SampleRecord.attachment("image", url: url), options).isEmpty)
    }

    @Test(arguments: [
        "example.com", "EXAMPLE.com.", "cdn-1.example.co.uk:8443", "8.8.8.8", "0x08080808", "134744072", "172.15.0.1",
        "172.32.0.1", "100.63.0.1", "100.128.0.1", "11.0.0.1", "169.253.1.1", "192.167.1.1", "xn--bcher-kva.example",
        "local.example.com", "localhost.example.com", "test.example.com", "onion.example.com", "shop.testing",
        "my_bucket.example.com", "[2606:4700:4700::1111]", "1e100.net",
        "[::ffff:8.8.8.8]", "[64:ff9b::808:808]", "[2002:808:808::1]", "[2600::]", "1.2.3.4.example.com",
    ])
    func hostsOnTheInternetArePublic(host: String) throws {
        #expect(try WebURL("http://\(host)/a.png?x=1#f").host.isPublic)
    }

    @Test(arguments: [
        "https://", "https:///a", "https:/example.com", "https:example.com", "//example.com/a", "/a.png",
        "example.com/a",
        "https://exa mple.com", "https://example.com/a b", "https://bücher.example/", "https://example.com/ü.png",
        "https://example..com", "https://.example.com", "https://-a.com", "https://a-.com", "https://example.com:0/",
        "https://example.com:65536/", "https://example.com:/", "https://example.com:80a/", "https://1.2.3.256/",
        "https://1.2.3.4.5/", "https://256.1.1.1/", "https://0x1ffffffff/", "https://08.0.0.1.1/", "https://[::1",
        "https://[1::2::3]/",
        "https://[fe80::1%25eth0]/", "https://[12345::]/", "https://[1:2:3:4:5:6:7]/", "https://[1:2:3:4:5:6:7:8:9]/",
        "https://[::1.2.3]/", "https://[:1]/", "https://[::1]x/", "https://a%2eexample.com/", "https://example.com/%zz",
        "https://example.com/%4",
        "https://example.com/a\\b", "https://example.com\\@127.0.0.1/", "https://a\tb.com/",
        "https://example.com/\u{7F}",
        "https://\(String(repeating: "a", count: 64)).com/", "https://１２７.0.0.1/", "https://%6cocalhost/",
    ])
    func malformedURLsAreRefused(url: String) {
        let escaped = url.replacing("\\", with: "\\\\").replacing("\t", with: "\\t")
        #expect(
            brokenRules(SampleRecord.attachment("image", url: escaped)) == ["/message/attachment/payload/url url.form"]
        )
    }

    @Test(arguments: [
        "ftp://example.com/a.png", "file:///etc/passwd", "data:image/png;base64,AA", "javascript:alert(1)",
    ])
    func otherSchemesAreRefused(url: String) {
        #expect(
            brokenRules(SampleRecord.attachment("image", url: url)) == ["/message/attachment/payload/url url.scheme"]
        )
    }

    @Test(arguments: ["https://user@example.com/", "https://user:pw@example.com/", "https://@example.com/"])
    func userInfoIsRefused(url: String) {
        let options = RequestDecoder.Options(allowsPrivateHosts: true)
        #expect(
            brokenRules(SampleRecord.attachment("image", url: url), options)
                == ["/message/attachment/payload/url url.user_info"]
        )
    }

    @Test func aHostBehindUserInfoIsTheOneThatIsJudged() {
        #expect(
            brokenRules(SampleRecord.attachment("image", url: "https://example.com@127.0.0.1/")) == [
                "/message/attachment/payload/url url.user_info", "/message/attachment/payload/url url.private_host",
            ]
        )
    }

    @Test func messagesNeverRepeatAURL() throws {
        let url = "https://sekret:tokn@127.0.0.1/signature/%zz"
        let error = try #require(judge(SampleRecord.attachment("image", url: url)).rejection?.error)
        let told = error.message + error.violations.map(\.message).joined()
        #expect(!told.contains("sekret") && !told.contains("tokn") && !told.contains("signature"))
    }

    @Test(arguments: [
        ("image", "png", true), ("image", "JPG", true), ("image", "jpeg", true), ("image", "gif", true),
        ("image", "webp", false),
        ("image", "mp4", false), ("image", "pdf", false), ("image", "php", true), ("image", "unheard", true),
        ("audio", "aac", true), ("audio", "m4a", true), ("audio", "wav", true), ("audio", "mp4", true),
        ("audio", "mp3", false),
        ("audio", "ogg", false), ("video", "mp4", true), ("video", "ogg", true), ("video", "avi", true),
        ("video", "mov", true),
        ("video", "webm", true), ("video", "mkv", false), ("video", "gif", false), ("file", "pdf", true),
        ("file", "PDF", true),
        ("file", "docx", false), ("file", "png", false),
    ])
    func knownExtensionsHaveToFitTheKind(type: String, fileExtension: String, isAccepted: Bool) {
        let url = "https://example.com/v1.2/a.\(fileExtension)?sig=.exe#.exe"
        let broken = brokenRules(SampleRecord.attachment(type, url: url))
        #expect(broken == (isAccepted ? [] : ["/message/attachment/payload/url url.extension"]))
    }

    @Test(arguments: [
        "see https://example.com.", "(https://example.com/a)", "http://bücher.example/ü", "https://例え.jp。",
        "HTTPS://EXAMPLE.COM",
        "https://a.com,https://b.com", "http://10.0.0.1:8080/x", "https://u:p@example.com/%zz", "xhttp://",
        "shttps://!", "a:b",
        "https://example.com: yes", "https://localhost", "http://[::1]/", "://", "ftp://", "time 10://20",
        "https://shop.example.com:D", "https://shop.example.com:-)", "https://example.com:8080:P", "https://[2600::]:D",
        "https://example.com:@", "https://example.com:o:o", "https://u:p@example.com:D", "https://example.com- soon",
        "https://example.com:\u{65E5}",
    ])
    func linksWithAUsableHostPass(text: String) {
        #expect(brokenRules(SampleRecord.message(#""text":"\#(text)""#)).isEmpty)
    }

    @Test(arguments: [
        "http://", "see https:// now", "https://...", "https:///path", "https://example.com:99999/", "https://a..b/",
        "http://[::1/", "HTTP://?q", "http://256.256.256.256/", "x:http://-/",
        "https://:D", "https://example.com:0:D", "https://example.com:80a", "https://[::1:D", "http://-a.example:D",
    ])
    func linksWithoutAUsableHostAreRefused(text: String) {
        #expect(brokenRules(SampleRecord.message(#""text":"\#(text)""#)) == ["/message/text text.link_form"])
    }
}

@Suite("Host names in texts", .timeLimit(.minutes(1)))
struct PlainNameTests {
    @Test(
        "a name that is settled at a glance is one for the thorough look too",
        arguments: ["example.com", "a-b.example", "x_y.co", "EXAMPLE.Com", "1.com", "0x1.b", "localhost"]
    )
    func names(name: String) { #expect(LinkScanner.isPlainName(Array(name.utf8)[...])) }

    @Test(
        "what is no name, or needs the thorough look, is not settled",
        arguments: [
            "", ".", "a.", ".a", "a..b", "-a.b", "a-.b", "a.-b", "a.b-", "1.2.3.4", "a.1", "0x7f", "a.0x1", "a.b:80",
            "ä.de",
            "a b", "[::1]", "a@b", String(repeating: "a", count: 64), String(repeating: "a.", count: 126) + "aa",
        ]
    )
    func others(text: String) { #expect(!LinkScanner.isPlainName(Array(text.utf8)[...])) }

    @Test("whatever is settled at a glance, the thorough look agrees with")
    func agreement() {
        var random = SeededRandom(seed: 3)
        let alphabet = Array("aZ09x-_.".utf8)
        var settled = 0
        for _ in 0..<50_000 {
            let bytes = (0..<Int.random(in: 1...8, using: &random)).compactMap { _ in
                alphabet.randomElement(using: &random)
            }
            guard LinkScanner.isPlainName(bytes[...]) else { continue }
            settled += 1
            let host = WebHost(String(decoding: bytes, as: UTF8.self)[...], allowsUnicode: true)
            guard case .name = host else {
                Issue.record("\(String(decoding: bytes, as: UTF8.self)) is \(String(describing: host))")
                continue
            }
        }
        #expect(settled > 1_000)
    }
}
