import InstagramMessaging
import Reactor
import Synchronization
import Testing

@testable import SendWorker

@Suite("Media preflight: checks", .timeLimit(.minutes(1)))
struct MediaPreflightTests {
    private static let png = httpAnswer("200 OK", headers: ["Content-Type: image/png"], body: "")
    private static let page = httpAnswer("200 OK", headers: ["Content-Type: text/html"], body: "")

    private func image(_ url: String) -> MediaReference {
        MediaReference(kind: .image, url: url, field: "/message/attachment/payload/url")
    }

    private func file(_ name: String) -> MediaFile { MediaFile(kind: .image, url: name) }

    private func withPreflight<R>(
        settings: MediaPreflight.Settings = .init(),
        resolver: StubResolver = StubResolver([:]),
        now: @escaping @Sendable () -> Int64 = Reactor.monotonicNow,
        _ body: (MediaPreflight) async -> R
    ) async -> R {
        let preflight = MediaPreflight(
            reactor: TestReactor.shared,
            allowsPrivateHosts: true,
            settings: settings,
            resolver: resolver,
            now: now
        )
        let result = await body(preflight)
        await preflight.shutdown()
        return result
    }

    @Test("a file of the right type passes after one HEAD, and again without a request")
    func fine() async throws {
        try await RawServer.with(RawServer.Script { _ in .answer(Self.png) }) { server in
            await withPreflight { preflight in
                for _ in 0..<3 { #expect(await preflight.check([image(server.url + "/a.png")]) == nil) }
            }
            #expect(server.requests.map(\.target) == ["HEAD /a.png"])
        }
    }

    @Test("a file of the wrong type is refused after a ranged GET has confirmed it")
    func wrongType() async throws {
        try await RawServer.with(RawServer.Script { _ in .answer(Self.page) }) { server in
            let error = await withPreflight { await $0.check([image(server.url + "/a.png")]) }
            #expect(error?.category == .media)
            #expect(error?.violations.map(\.rule) == ["media.type"])
            #expect(error?.violations.map(\.field) == ["/message/attachment/payload/url"])
            #expect(
                error?.message
                    == "image is served as text/html; image has to be png, jpeg or gif: convert the file, or have"
                    + " its server name its type"
            )
            #expect(server.requests.map(\.target) == ["HEAD /a.png", "GET /a.png"])
            #expect(server.requests.last?.header("range") == "bytes=0-0")
        }
    }

    @Test("where HEAD is not understood, the ranged GET decides")
    func noHead() async throws {
        let large =
            "HTTP/1.1 206 Partial Content\r\nContent-Type: image/png\r\n"
            + "Content-Range: bytes 0-0/99999999\r\nContent-Length: 1\r\n\r\nx"
        try await RawServer.with(
            RawServer.Script { request in
                request.target.hasPrefix("HEAD") ? .answer(httpAnswer("405 Not Allowed", body: "")) : .answer(large)
            }
        ) { server in
            let error = await withPreflight { await $0.check([image(server.url + "/a.png")]) }
            #expect(error?.violations.map(\.rule) == ["media.size"])
        }
    }

    @Test("a wrong image is named by its place in the request, also where it is the only one of a list")
    func places() async throws {
        try await RawServer.with(RawServer.Script { .answer($0.target.hasSuffix("/bad") ? Self.page : Self.png) }) {
            server in
            let (good, bad) = ("\(server.url)/good", "\(server.url)/bad")
            let fields = await withPreflight { preflight in
                var fields: [[String]] = []
                for content in [Content.images(urls: [good, bad, good, bad]), .images(urls: [bad]), .image(url: bad)] {
                    let media = SendRequest(
                        requestID: "r",
                        accountID: "1",
                        recipient: .user(id: "2"),
                        content: content
                    ).mediaURLs
                    fields.append(await preflight.check(media)?.violations.map(\.field) ?? [])
                }
                return fields
            }
            #expect(
                fields == [
                    ["/message/attachments/1/payload/url", "/message/attachments/3/payload/url"],
                    ["/message/attachments/0/payload/url"],
                    ["/message/attachment/payload/url"],
                ]
            )
        }
    }

    @Test("the same file wanted many times at once is asked for once")
    func coalesced() async throws {
        try await RawServer.with(RawServer.Script { _ in .answer(Self.png) }) { server in
            await withPreflight { preflight in
                await withTaskGroup(of: SendError?.self) { group in
                    for _ in 0..<100 { group.addTask { await preflight.check([image(server.url)]) } }
                    for await error in group { #expect(error == nil) }
                }
            }
            #expect(server.requests.count == 1)
        }
    }

    @Test("an answer is forgotten after its time")
    func expiry() async throws {
        let now = Mutex(Reactor.monotonicNow())
        try await RawServer.with(RawServer.Script { _ in .answer(Self.png) }) { server in
            let clock = { @Sendable in now.withLock(\.self) }
            await withPreflight(now: clock) { preflight in
                _ = await preflight.check([image(server.url)])
                now.withLock { $0 += 300_000_000_000 - 1 }
                _ = await preflight.check([image(server.url)])
                #expect(server.requests.count == 1)
                now.withLock { $0 += 1 }
                _ = await preflight.check([image(server.url)])
                #expect(server.requests.count == 2)
            }
        }
    }

    @Test("a server that never answers lets the message pass in time")
    func silence() async throws {
        try await RawServer.with(RawServer.Script { _ in .silence }) { server in
            let settings = MediaPreflight.Settings(timeout: .milliseconds(200))
            await withPreflight(settings: settings) { #expect(await $0.check([image(server.url)]) == nil) }
            #expect(server.requests.count == 1)
        }
    }

    @Test("a name server that never answers lets the message pass in time")
    func silentResolver() async throws {
        let settings = MediaPreflight.Settings(timeout: .milliseconds(200))
        let resolver = StubResolver([:], neverAnswers: ["slow.test.example"])
        await withPreflight(settings: settings, resolver: resolver) { preflight in
            #expect(await preflight.check([image("http://slow.test.example/a.png")]) == nil)
            #expect(!resolver.hasGivenUp)
        }
        #expect(resolver.lookups == ["slow.test.example"])
    }

    @Test("files beyond the number of checks at once pass without a request")
    func saturated() async throws {
        try await RawServer.with(RawServer.Script { _ in .silence }) { server in
            let settings = MediaPreflight.Settings(timeout: .milliseconds(500), maximumChecks: 2)
            await withPreflight(settings: settings) { preflight in
                await withTaskGroup(of: Void.self) { group in
                    for number in 0..<10 {
                        group.addTask { #expect(await preflight.check([image(server.url + "/\(number)")]) == nil) }
                    }
                }
            }
            #expect(server.requests.count == 2)
        }
    }

    @Test("refused, reset and broken answers let the message pass")
    func broken() async throws {
        let port = try await RawServer.with(RawServer.Script { _ in .silence }) { $0.port }
        await withPreflight { #expect(await $0.check([image("http://127.0.0.1:\(port)/a.png")]) == nil) }
        try await RawServer.with(RawServer.Script { _ in .reset }) { server in
            await withPreflight { #expect(await $0.check([image(server.url)]) == nil) }
        }
        try await RawServer.with(RawServer.Script { _ in .answer("nonsense\r\n\r\n") }) { server in
            await withPreflight { #expect(await $0.check([image(server.url)]) == nil) }
        }
    }

    @Test("three redirects are followed, a fourth is not, and lets the message pass")
    func redirects() async throws {
        try await RawServer.with(
            RawServer.Script { request in
                let number = Int(request.target.drop { $0 != "/" }.dropFirst()) ?? 0
                return number == 0
                    ? .answer(Self.page)
                    : .answer(httpAnswer("302 Found", headers: ["Location: /\(number - 1)"], body: ""))
            }
        ) { server in
            await withPreflight { preflight in
                #expect(await preflight.check([image(server.url + "/3")])?.violations.map(\.rule) == ["media.type"])
                #expect(await preflight.check([image(server.url + "/4")]) == nil)
            }
        }
    }

    @Test("the memory forgets the oldest answer, and a renewed one counts as new")
    func memory() {
        var memory = AnswerMemory(capacity: 3)
        let start = Reactor.monotonicNow()
        let later = start + 60_000_000_000
        for name in ["a", "b", "c"] { memory.remember(.fine, for: file(name), until: later) }
        memory.remember(.inconclusive, for: file("a"), until: later)
        memory.remember(.fine, for: file("d"), until: later)
        #expect(memory.finding(for: file("b"), at: start) == nil)
        #expect(memory.finding(for: file("a"), at: start) == .inconclusive)
        for number in 0..<1000 {
            memory.remember(.fine, for: file("\(number)"), until: later)
            #expect(memory.count == 3)
        }
        #expect(memory.finding(for: file("999"), at: start) == .fine)
        #expect(memory.finding(for: file("996"), at: start) == nil)
        #expect(memory.finding(for: file("999"), at: later) == nil)
    }
}
