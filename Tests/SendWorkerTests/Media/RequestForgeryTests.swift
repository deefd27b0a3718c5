import InstagramMessaging
import NIOCore
import Testing

@testable import SendWorker

/// The preflight must not be a way into the network the worker runs in.
///
/// 127.0.0.2 plays the public server: the policy of these tests takes it for public, as long as a name leads there.
@Suite("Media preflight: request forgery", .timeLimit(.minutes(1)))
struct RequestForgeryTests {
    private static let publicAddress = "127.0.0.2"
    private static let png = httpAnswer("200 OK", headers: ["Content-Type: image/png"], body: "")

    private func check(_ url: String, resolver: StubResolver) async -> SendError? {
        let preflight = MediaPreflight(
            policy: AddressPolicy(exceptions: [Self.publicAddress]),
            settings: MediaPreflight.Settings(timeout: .seconds(5)),
            resolver: resolver
        )
        let error = await preflight.check([MediaReference(kind: .image, url: url)])
        await preflight.shutdown()
        return error
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

    @Test("a URL that leads to this machine is not asked and refused", arguments: loopbackHosts)
    func literal(host: String) async throws {
        try await withPrivateServer { server in
            let everywhere = StubResolver([host: [["127.0.0.1"]]])
            let error = await check("http://\(host):\(server.port)/a.png", resolver: everywhere)
            #expect(error?.violations.map(\.rule) == ["url.private_host"])
            #expect(everywhere.lookups.isEmpty)
        }
    }

    @Test(
        "private, shared, link-local and multicast addresses are refused",
        arguments: [
            "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254", "224.0.0.1", "255.255.255.255",
            "[fe80::1]", "[fc00::1]", "[fd00:ec2::254]", "[ff02::1]", "[::ffff:10.0.0.1]", "[64:ff9b::a9fe:a9fe]",
            "[2002:a00:1::1]",
        ]
    )
    func privateLiteral(host: String) async {
        let resolver = StubResolver([:])
        let error = await check("http://\(host)/latest/meta-data/", resolver: resolver)
        #expect(error?.violations.map(\.rule) == ["url.private_host"])
    }

    @Test("a redirect to this machine is not followed and refused", arguments: loopbackHosts)
    func redirect(host: String) async throws {
        try await withPrivateServer { hidden in
            let location = "Location: http://\(host):\(hidden.port)/a.png"
            try await RawServer.with(
                host: Self.publicAddress,
                RawServer.Script { _ in .answer(httpAnswer("302 Found", headers: [location], body: "")) }
            ) { server in
                let resolver = StubResolver([
                    "media.example.com": [[Self.publicAddress]], host: [["127.0.0.1"]],
                ])
                let error = await check("http://media.example.com:\(server.port)/a.png", resolver: resolver)
                #expect(error?.violations.map(\.rule) == ["url.private_host"])
                #expect(server.requests.count == 1)
            }
        }
    }

    @Test("a name that resolves to a private address is not asked; the message passes")
    func privateName() async throws {
        try await withPrivateServer { server in
            for addresses in [["127.0.0.1"], [Self.publicAddress, "127.0.0.1"], ["::1"], ["::ffff:127.0.0.1"], []] {
                let resolver = StubResolver(["media.example.com": [addresses]])
                #expect(await check("http://media.example.com:\(server.port)/a.png", resolver: resolver) == nil)
                #expect(resolver.lookups == ["media.example.com"])
            }
        }
    }

    @Test("a redirect to a name that resolves to a private address is not followed")
    func redirectToPrivateName() async throws {
        try await withPrivateServer { hidden in
            let location = "Location: //inside.example.com:\(hidden.port)/a.png"
            try await RawServer.with(
                host: Self.publicAddress,
                RawServer.Script { _ in .answer(httpAnswer("307 Temporary Redirect", headers: [location], body: "")) }
            ) { server in
                let resolver = StubResolver([
                    "media.example.com": [[Self.publicAddress]], "inside.example.com": [["127.0.0.1"]],
                ])
                #expect(await check("http://media.example.com:\(server.port)/a.png", resolver: resolver) == nil)
                #expect(resolver.lookups == ["media.example.com", "inside.example.com"])
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
            let location = "Location: http://media.example.com:\(hidden.port)/a.png"
            try await RawServer.with(
                host: Self.publicAddress,
                RawServer.Script { _ in .answer(httpAnswer("302 Found", headers: [location], body: "")) }
            ) { server in
                let resolver = StubResolver(["media.example.com": [[Self.publicAddress], ["127.0.0.1"]]])
                #expect(await check("http://media.example.com:\(server.port)/a.png", resolver: resolver) == nil)
                #expect(resolver.lookups.count == 2)
            }
        }
    }

    @Test(
        "what is no http URL is not asked, neither at first nor after a redirect",
        arguments: [
            "file:///etc/passwd", "ftp://media.example.com/a", "http+unix://%2Fvar%2Frun%2Fdocker.sock/x",
            "unix:///var/run/docker.sock", "gopher://media.example.com", "data:image/png;base64,AA", "http://", "",
            "http:///a", "javascript:alert(1)", "//", "http://[::1", "http://exa mple.com/",
        ]
    )
    func otherSchemes(url: String) async throws {
        let resolver = StubResolver(["media.example.com": [[Self.publicAddress]]])
        #expect(await check(url, resolver: resolver) == nil)
        #expect(resolver.lookups.isEmpty)
        try await RawServer.with(
            host: Self.publicAddress,
            RawServer.Script { _ in .answer(httpAnswer("302 Found", headers: ["Location: \(url)"], body: "")) }
        ) { server in
            #expect(await check("http://media.example.com:\(server.port)/a.png", resolver: resolver) == nil)
            // Some of these are relative references to the same server; no other name was ever asked for.
            #expect(Set(resolver.lookups) == ["media.example.com"])
        }
    }

    @Test("a name in front of an @ does not hide the host behind it")
    func userInfo() async throws {
        try await withPrivateServer { server in
            let resolver = StubResolver(["media.example.com": [[Self.publicAddress]]])
            let error = await check("http://media.example.com@127.0.0.1:\(server.port)/a.png", resolver: resolver)
            #expect(error?.violations.map(\.rule) == ["url.private_host"])
        }
    }
}
