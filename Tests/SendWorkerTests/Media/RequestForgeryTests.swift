import InstagramMessaging
import Testing

@testable import SendWorker

/// The preflight must not be a way into the network the worker runs in.
///
/// 127.0.0.2 plays the public server: the policy of these tests takes it for public, as long as a name leads there.
@Suite("Media preflight: request forgery", .timeLimit(.minutes(1)))
struct RequestForgeryTests {
    private static let publicAddress = "127.0.0.2"
    private static let field = "/message/attachment/payload/url"
    private static let png = httpAnswer("200 OK", headers: ["Content-Type: image/png"], body: "")

    /// Asks the preflight alone.
    private func check(_ url: String, resolver: StubResolver) async -> SendError? {
        await check([MediaReference(kind: .image, url: url, field: Self.field)], resolver: resolver)
    }

    private func check(_ media: [MediaReference], resolver: StubResolver) async -> SendError? {
        let preflight = MediaPreflight(
            reactor: TestReactor.shared,
            policy: AddressPolicy(exceptions: [Self.publicAddress]),
            settings: MediaPreflight.Settings(timeout: .seconds(5)),
            resolver: resolver
        )
        let error = await preflight.check(media)
        await preflight.shutdown()
        return error
    }

    /// Judges a request for an image as the worker does: the rules first, then the preflight.
    private func judge(_ url: String, resolver: StubResolver) async -> SendError? {
        let request = SendRequest(requestID: "r", accountID: "1", recipient: .user(id: "2"), content: .image(url: url))
        switch RequestDecoder().decode(request.encodedRecord(), now: Timestamp(millisecondsSinceEpoch: 0)) {
        case .rejected(let rejected): return rejected.error
        case .accepted(let accepted): return await check(accepted.request.mediaURLs, resolver: resolver)
        }
    }

    /// The one broken rule, which has to stand at the image's URL; `reason` has to be part of what it says.
    private func expectRefusal(_ error: SendError?, _ rule: String, _ reason: String, _ location: SourceLocation) {
        #expect(error?.violations.map(\.rule) == [rule], sourceLocation: location)
        #expect(error?.violations.map(\.field) == [Self.field], sourceLocation: location)
        let message = error?.violations.first?.message ?? ""
        #expect(message.contains(reason), "\(message)", sourceLocation: location)
        #expect(error?.message.contains(message) == true, sourceLocation: location)
    }

    /// A public server that answers everything with a redirect.
    private func withRedirect(to location: String, _ body: (RawServer) async throws -> Void) async throws {
        let answer = httpAnswer("302 Found", headers: ["Location: \(location)"], body: "")
        try await RawServer.with(host: Self.publicAddress, RawServer.Script { _ in .answer(answer) }, body)
    }

    /// A server that nobody may reach.
    private func withPrivateServer(host: String = "127.0.0.1", _ body: (RawServer) async throws -> Void) async throws {
        try await RawServer.with(host: host, RawServer.Script { _ in .answer(Self.png) }) { server in
            try await body(server)
            #expect(server.connections == 0, "a private server was reached")
        }
    }

    /// The forms of 127.0.0.1 that some program or other understands.
    static let loopbackHosts = [
        "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001", "127.0.0.1.",
        "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]",
        "[0:0:0:0:0:ffff:7f00:0001]", "localhost", "LOCALHOST", "a.localhost", "0.0.0.0", "0", "[::]",
    ]

    @Test("a request whose URL leads to this machine is refused, and nothing is asked", arguments: loopbackHosts)
    func literal(host: String) async throws {
        try await withPrivateServer { server in
            let everywhere = StubResolver([host: [["127.0.0.1"]]])
            let url = "http://\(host):\(server.port)/a.png"
            expectRefusal(
                await judge(url, resolver: everywhere),
                "url.private_host",
                "loopback, link-local, private or reserved; use one on the public internet",
                #_sourceLocation
            )
            expectRefusal(await check(url, resolver: everywhere), "url.private_host", "is on \(host)", #_sourceLocation)
            #expect(everywhere.lookups.isEmpty)
        }
    }

    static let privateHosts = [
        "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254", "224.0.0.1", "255.255.255.255",
        "[fe80::1]", "[febf::1]", "[fc00::1]", "[fd00:ec2::254]", "[ff02::1]", "[::ffff:10.0.0.1]", "[::]",
        "[64:ff9b::a9fe:a9fe]", "[64:ff9b::10.0.0.1]", "[2002:a00:1::1]", "0xa9fea9fe", "2852039166", "0xa.1",
    ]

    @Test("private, shared, link-local and multicast addresses are refused", arguments: privateHosts)
    func privateLiteral(host: String) async {
        let resolver = StubResolver([:])
        for error in [
            await judge("http://\(host)/latest/meta-data/", resolver: resolver),
            await check("http://\(host)/latest/meta-data/", resolver: resolver),
        ] {
            expectRefusal(error, "url.private_host", "link-local", #_sourceLocation)
        }
        #expect(resolver.lookups.isEmpty)
    }

    @Test("a redirect to this machine is not followed and refused", arguments: loopbackHosts)
    func redirect(host: String) async throws {
        try await withPrivateServer { hidden in
            try await withRedirect(to: "http://\(host):\(hidden.port)/a.png") { server in
                let resolver = StubResolver(["media.example.com": [[Self.publicAddress]], host: [["127.0.0.1"]]])
                expectRefusal(
                    await judge("http://media.example.com:\(server.port)/a.png", resolver: resolver),
                    "media.private_address",
                    "is redirected to \(host), a loopback",
                    #_sourceLocation
                )
                #expect(resolver.lookups == ["media.example.com"])
                #expect(server.requests.count == 1)
            }
        }
    }

    @Test("a redirect to a private address is refused", arguments: privateHosts)
    func redirectToPrivateLiteral(host: String) async throws {
        try await withRedirect(to: "http://\(host)/latest/meta-data/") { server in
            let resolver = StubResolver(["media.example.com": [[Self.publicAddress]]])
            expectRefusal(
                await judge("http://media.example.com:\(server.port)/a.png", resolver: resolver),
                "media.private_address",
                "is redirected to \(host), ",
                #_sourceLocation
            )
            #expect(resolver.lookups == ["media.example.com"])
        }
    }

    /// What a name resolves to, and the address for which it is refused.
    static let privateAnswers: [(addresses: [String], refused: String)] = [
        (["127.0.0.1"], "127.0.0.1"), (["10.1.2.3"], "10.1.2.3"), (["169.254.169.254"], "169.254.169.254"),
        (["0.0.0.0"], "0.0.0.0"), (["100.64.0.1"], "100.64.0.1"), (["::1"], "::1"), (["::"], "::"),
        (["::ffff:127.0.0.1"], "::ffff:127.0.0.1"), (["fc00::1"], "fc00::1"), (["fd12:3456::1"], "fd12:3456::1"),
        (["fe80::1"], "fe80::1"), (["64:ff9b::7f00:1"], "64:ff9b::7f00:1"), (["2002:a00:1::"], "2002:a00:1::"),
        (["127.0.0.2", "127.0.0.1"], "127.0.0.1"), (["10.0.0.1", "127.0.0.2"], "10.0.0.1"),
        (["127.0.0.2", "::1"], "::1"),
    ]

    @Test(
        "a name that resolves to a private address, be it one of several, is refused and not asked",
        arguments: privateAnswers
    )
    func privateName(addresses: [String], refused: String) async throws {
        try await withPrivateServer { server in
            let resolver = StubResolver(["media.example.com": [addresses]])
            expectRefusal(
                await judge("http://media.example.com:\(server.port)/a.png", resolver: resolver),
                "media.private_address",
                "image is on media.example.com, which resolves to \(refused), a loopback, link-local, private or reserved"
                    + " address; Graph cannot fetch it there: serve it from a host on the public internet",
                #_sourceLocation
            )
            #expect(resolver.lookups == ["media.example.com"])
        }
    }

    @Test(
        "a redirect to a name that resolves to a private address is refused and not followed",
        arguments: privateAnswers
    )
    func redirectToPrivateName(addresses: [String], refused: String) async throws {
        try await withPrivateServer { hidden in
            try await withRedirect(to: "//inside.example.com:\(hidden.port)/a.png") { server in
                let resolver = StubResolver([
                    "media.example.com": [[Self.publicAddress]], "inside.example.com": [addresses],
                ])
                expectRefusal(
                    await judge("http://media.example.com:\(server.port)/a.png", resolver: resolver),
                    "media.private_address",
                    "is redirected to inside.example.com, which resolves to \(refused), ",
                    #_sourceLocation
                )
                #expect(resolver.lookups == ["media.example.com", "inside.example.com"])
            }
        }
    }

    @Test("a private address behind three redirects is refused; behind a fourth it is never looked at")
    func laterHops() async throws {
        try await withPrivateServer { hidden in
            try await RawServer.with(
                host: Self.publicAddress,
                RawServer.Script { request in
                    let number = Int(request.target.drop { $0 != "/" }.dropFirst()) ?? 0
                    let next = number > 1 ? "/\(number - 1)" : "http://inside.example.com:\(hidden.port)/a.png"
                    return .answer(httpAnswer("302 Found", headers: ["Location: \(next)"], body: ""))
                }
            ) { server in
                let resolver = StubResolver([
                    "media.example.com": [[Self.publicAddress]], "inside.example.com": [["127.0.0.1"]],
                ])
                let url = "http://media.example.com:\(server.port)"
                expectRefusal(
                    await judge("\(url)/3", resolver: resolver),
                    "media.private_address",
                    "inside.example.com",
                    #_sourceLocation
                )
                #expect(await judge("\(url)/4", resolver: resolver) == nil)
                #expect(resolver.lookups.count { $0 == "inside.example.com" } == 1)
            }
        }
    }

    @Test("a name that does not resolve lets the message pass, at first and after a redirect")
    func unresolvable() async throws {
        let nowhere = StubResolver(["media.example.com": [[]]])
        #expect(await judge("http://media.example.com/a.png", resolver: nowhere) == nil)
        #expect(await judge("http://unknown.example.com/a.png", resolver: nowhere) == nil)
        try await withRedirect(to: "http://unknown.example.com/a.png") { server in
            let resolver = StubResolver(["media.example.com": [[Self.publicAddress]]])
            #expect(await judge("http://media.example.com:\(server.port)/a.png", resolver: resolver) == nil)
            #expect(resolver.lookups == ["media.example.com", "unknown.example.com"])
        }
    }

    @Test("where private hosts are allowed, names, addresses and redirects may lead to them")
    func allowed() async throws {
        try await RawServer.with(RawServer.Script { _ in .answer(Self.png) }) { target in
            try await withRedirect(to: "http://inside.example.com:\(target.port)/a.png") { server in
                let resolver = StubResolver([
                    "media.example.com": [[Self.publicAddress]], "inside.example.com": [["127.0.0.1"]],
                ])
                let preflight = MediaPreflight(
                    reactor: TestReactor.shared,
                    allowsPrivateHosts: true,
                    resolver: resolver
                )
                for url in ["http://media.example.com:\(server.port)/a.png", "\(target.url)/b.png"] {
                    let media = [MediaReference(kind: .image, url: url, field: Self.field)]
                    #expect(await preflight.check(media) == nil)
                }
                await preflight.shutdown()
                #expect(target.requests.map(\.target) == ["HEAD /a.png", "HEAD /b.png"])
            }
        }
    }

    @Test("the connection goes to the address that was checked, although the name leads elsewhere by then")
    func rebinding() async throws {
        try await RawServer.with(host: Self.publicAddress, RawServer.Script { _ in .answer(Self.png) }) { server in
            let resolver = StubResolver(["media.example.com": [[Self.publicAddress], ["127.0.0.1"]]])
            #expect(await check("http://media.example.com:\(server.port)/a.png", resolver: resolver) == nil)
            #expect(resolver.lookups == ["media.example.com"])
            #expect(server.requests.map(\.target) == ["HEAD /a.png"])
            #expect(server.requests.first?.header("host") == "media.example.com:\(server.port)")
        }
    }

    @Test("every hop is looked up and checked anew, also to the same name")
    func rebindingBetweenHops() async throws {
        try await withPrivateServer { hidden in
            try await withRedirect(to: "http://media.example.com:\(hidden.port)/a.png") { server in
                let resolver = StubResolver(["media.example.com": [[Self.publicAddress], ["127.0.0.1"]]])
                expectRefusal(
                    await judge("http://media.example.com:\(server.port)/a.png", resolver: resolver),
                    "media.private_address",
                    "is redirected to media.example.com, which resolves to 127.0.0.1, ",
                    #_sourceLocation
                )
                #expect(resolver.lookups.count == 2)
            }
        }
    }

    @Test(
        "URLs with another scheme than http and https are refused, at first and after a redirect",
        arguments: [
            ("file:///etc/passwd", "file"), ("FILE:///etc/passwd", "file"), ("file://localhost/etc/passwd", "file"),
            ("ftp://media.example.com/a", "ftp"), ("http+unix://%2Fvar%2Frun%2Fdocker.sock/x", "http+unix"),
            ("unix:///var/run/docker.sock", "unix"), ("gopher://media.example.com", "gopher"),
            ("data:image/png;base64,AA", "data"), ("javascript:alert(1)", "javascript"),
        ]
    )
    func otherSchemes(url: String, scheme: String) async throws {
        let resolver = StubResolver(["media.example.com": [[Self.publicAddress]]])
        expectRefusal(await judge(url, resolver: resolver), "url.scheme", "scheme \"\(scheme)\"", #_sourceLocation)
        expectRefusal(await check(url, resolver: resolver), "url.scheme", "scheme \"\(scheme)\"", #_sourceLocation)
        #expect(resolver.lookups.isEmpty)
        try await withRedirect(to: url) { server in
            expectRefusal(
                await judge("http://media.example.com:\(server.port)/a.png", resolver: resolver),
                "media.redirect_scheme",
                "image is redirected to a URL with the scheme \"\(scheme)\"; only http and https can be fetched",
                #_sourceLocation
            )
            #expect(resolver.lookups == ["media.example.com"])
            #expect(server.requests.count == 1)
        }
    }

    @Test(
        "what is no URL is not asked, neither at first nor after a redirect, which lets the message pass",
        arguments: ["http://", "", "http:///a", "//", "http://[::1", "http://exa mple.com/"]
    )
    func malformed(url: String) async throws {
        let resolver = StubResolver(["media.example.com": [[Self.publicAddress]]])
        #expect(await judge(url, resolver: resolver)?.violations.map(\.rule) == ["url.form"])
        #expect(await check(url, resolver: resolver) == nil)
        #expect(resolver.lookups.isEmpty)
        try await withRedirect(to: url) { server in
            #expect(await judge("http://media.example.com:\(server.port)/a.png", resolver: resolver) == nil)
            // Some of these are relative references to the same server; no other name was ever asked for.
            #expect(Set(resolver.lookups) == ["media.example.com"])
        }
    }

    @Test("a name in front of an @ does not hide the host behind it")
    func userInfo() async throws {
        try await withPrivateServer { server in
            let resolver = StubResolver(["media.example.com": [[Self.publicAddress]]])
            let url = "http://media.example.com@127.0.0.1:\(server.port)/a.png"
            expectRefusal(await check(url, resolver: resolver), "url.private_host", "127.0.0.1", #_sourceLocation)
            let broken = await judge(url, resolver: resolver)?.violations.map(\.rule)
            #expect(broken == ["url.user_info", "url.private_host"])
        }
    }
}
