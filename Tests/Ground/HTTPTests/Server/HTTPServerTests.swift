import Foundation
import HTTPCodec
import Reactor
import Testing

@testable import HTTP

private func get(_ path: String, extra: String = "") -> String { "GET \(path) HTTP/1.1\r\nHost: h\r\n\(extra)\r\n" }

@Suite(.timeLimit(.minutes(1))) struct HTTPServerTests {
    @Test func answersRequestsOfOneConnectionInTheirOrder() async throws {
        let handler = TestHandler()
        try await LiveServer.run(handler: handler) { live in
            let client = try RawClient(port: live.port)
            client.send(get("/slow") + "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc" + get("/c"))
            await handler.held.wait(for: 1)
            #expect(handler.paths.values == ["/slow"])
            Task.detached { handler.held.values[0].respond(HTTPServerResponse(status: 503, body: Array("late.".utf8))) }
            let text = try await blocking { client.text(until: "GET /c .") }
            let bodies = text.ranges(of: /late\.|POST \/b abc\.|GET \/c \./).map { text[$0] }
            #expect(bodies == ["late.", "POST /b abc.", "GET /c ."])
            #expect(text.contains("\r\nDate: "))
            #expect(!text.contains("Connection:"))
        }
    }

    @Test func answersOnceHoweverOftenAHandlerTries() async throws {
        let handler = TestHandler()
        try await LiveServer.run(handler: handler) { live in
            let client = try RawClient(port: live.port)
            client.send(get("/slow"))
            await handler.held.wait(for: 1)
            let exchange = handler.held.values[0]
            let wins = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        exchange.respond(HTTPServerResponse(status: 200, body: Array("\(number).".utf8)))
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(wins == 1)
            #expect(!exchange.reset())
            client.send(get("/end", extra: "Connection: close\r\n"))
            let text = try await blocking { client.rest().text }
            #expect(text.ranges(of: "HTTP/1.1 200").count == 2)
        }
    }

    @Test func answers500ForAHandlerThatForgets() async throws {
        struct Forgetful: HTTPHandler {
            func handle(_ request: HTTPServerRequest, _ exchange: HTTPServerExchange) {}
        }
        try await LiveServer.run(handler: Forgetful()) { live in
            let client = try RawClient(port: live.port)
            client.send(get("/"))
            let text = try await blocking { client.text(until: "request\n") }
            #expect(text.hasPrefix("HTTP/1.1 500 "))
        }
    }

    @Test func answersWithWhatAnAsynchronousFunctionReturns() async throws {
        let handler = HTTPAsyncHandler { request in
            await Task.yield()
            return .text(status: 404, "no \(request.path) for \(request.remoteAddress?.ipAddress ?? "")")
        }
        try await LiveServer.run(handler: handler) { live in
            let client = try RawClient(port: live.port)
            client.send(get("/x"))
            #expect(try await blocking { client.text(until: "127.0.0.1\n") }.hasSuffix("\r\n\r\nno /x for 127.0.0.1\n"))
        }
    }

    @Test func letsARefusedUploaderReadItsAnswer() async throws {
        try await LiveServer.run(handler: TestHandler()) { live in
            let client = try RawClient(port: live.port)
            client.send("POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 4000000\r\n\r\n")
            let answer = try await blocking {
                for _ in 0..<40 { client.send([UInt8](repeating: 0, count: 100_000)) }
                return client.rest()
            }
            #expect(answer.text.hasPrefix("HTTP/1.1 413 "))
            #expect(answer.text.contains("\r\nConnection: close\r\n"))
            #expect(answer.end == .closed)
        }
    }

    @Test func servesAClientThatHasShutItsSide() async throws {
        try await LiveServer.run(handler: TestHandler()) { live in
            let client = try RawClient(port: live.port)
            client.send(get("/a"))
            client.shutDownSending()
            let answer = try await blocking { client.rest() }
            #expect(answer.text.hasSuffix("GET /a ."))
            #expect(answer.end == .closed)
        }
    }

    @Test func closesAndResetsAsTheHandlerSays() async throws {
        struct Ending: HTTPHandler {
            func decide(_ head: HTTPServerRequest) -> HTTPHeadDecision { head.path == "/head" ? .reset : .read() }
            func handle(_ request: HTTPServerRequest, _ exchange: HTTPServerExchange) {
                if request.path == "/close" { exchange.close() } else { exchange.reset() }
            }
        }
        try await LiveServer.run(handler: Ending()) { live in
            for (path, end) in [("/close", RawClient.End.closed), ("/reset", .reset), ("/head", .reset)] {
                let client = try RawClient(port: live.port)
                client.send("POST \(path) HTTP/1.1\r\nHost: h\r\nContent-Length: \(path == "/head" ? 9 : 0)\r\n\r\n")
                let answer = try await blocking { client.rest() }
                #expect(answer.text == "")
                #expect(answer.end == end)
            }
            await live.waitForConnections(0)
        }
    }

    @Test func outlivesClientsThatGoBeforeTheirAnswer() async throws {
        let handler = TestHandler()
        try await LiveServer.run(handler: handler) { live in
            for number in 0..<50 {
                let client = try RawClient(port: live.port)
                client.send(get(number.isMultiple(of: 2) ? "/large" : "/slow/\(number)"))
                if number.isMultiple(of: 2) { _ = client.receive(atMost: 10_000) }
                client.reset()
            }
            await handler.held.wait(for: 25)
            for exchange in handler.held.values { exchange.respond(.text(status: 200, "late")) }
            await live.waitForConnections(0)
            let client = try RawClient(port: live.port)
            client.send(get("/a"))
            #expect(try await blocking { client.text(until: ".") }.hasSuffix("GET /a ."))
            #expect(live.notices.values == [])
        }
    }

    @Test func saysOnceWhatSpeaksTLSAndEchoesNothing() async throws {
        try await LiveServer.run(handler: TestHandler()) { live in
            let client = try RawClient(port: live.port)
            client.send([0x16, 3, 1, 2, 0, 1, 0, 1, 0xFC, 3, 3])
            let answer = try await blocking { client.rest() }
            #expect(answer.text == "")
            #expect(live.notices.values == [.tlsOnPlainPort])
        }
    }
}

@Suite(.timeLimit(.minutes(1))) struct SlowClientTests {
    private func settings(_ change: (inout HTTPServerSettings) -> Void) -> HTTPServerSettings {
        var settings = HTTPServerSettings()
        change(&settings)
        return settings
    }

    @Test func freesTheSlotOfASilentAndOfASlowClient() async throws {
        let settings = settings { $0.headTimeout = .milliseconds(100) }
        try await LiveServer.run(settings, handler: TestHandler()) { live in
            let silent = try RawClient(port: live.port)
            let slow = try RawClient(port: live.port)
            slow.send("GET / HT")
            #expect(try await blocking { silent.rest().text } == "")
            #expect(try await blocking { slow.rest().text }.hasPrefix("HTTP/1.1 408 "))
        }
    }

    @Test func stopsReadingFromAClientThatReadsNothing() async throws {
        let settings = settings { $0.writeTimeout = .milliseconds(500) }
        let handler = TestHandler()
        try await LiveServer.run(settings, handler: handler) { live in
            let client = try RawClient(port: live.port)
            let sender = Task { try await blocking { client.send(String(repeating: get("/large"), count: 1_000_000)) } }
            // The server's own end comes by its time-out for writing; the client then sees a reset.
            #expect(try await sender.value == false)
            #expect(handler.paths.values.count < 10)
            await live.waitForConnections(0)
        }
    }

    @Test func sendsALargeAnswerToAClientThatTakesItsTime() async throws {
        try await LiveServer.run(handler: TestHandler()) { live in
            let client = try RawClient(port: live.port)
            client.send(get("/large", extra: "Connection: close\r\n"))
            let text = try await blocking { client.rest().text }
            #expect(text.utf8.count > TestHandler.large.count)
            #expect(text.utf8.suffix(TestHandler.large.count).elementsEqual(TestHandler.large))
        }
    }

    @Test func letsOthersInBesideAClientThatIsAlwaysReady() async throws {
        let handler = TestHandler()
        try await LiveServer.run(handler: handler) { live in
            let busy = try RawClient(port: live.port)
            let flood = Task { try await blocking { busy.send(String(repeating: get("/f"), count: 10_000)) } }
            let reader = Task { try await blocking { busy.rest() } }
            await handler.paths.wait(for: 1)
            let others = try (0..<20).map { _ in try RawClient(port: live.port) }
            for other in others { other.send(get("/other")) }
            for other in others {
                #expect(try await blocking { other.text(until: ".") }.hasSuffix("GET /other ."))
            }
            // They were served among the others' requests, not behind them.
            #expect(handler.paths.values.count { $0 == "/f" } < 10_000)
            busy.reset()
            _ = try await flood.value
            busy.shutDownSending()
            _ = try await reader.value
        }
    }

    @Test func letsMoreWaitThanItHasRoomForAndTakesThemLater() async throws {
        let settings = settings { $0.maxConnections = 2 }
        try await LiveServer.run(settings, handler: TestHandler()) { live in
            var first: RawClient? = try RawClient(port: live.port)
            let second = try RawClient(port: live.port)
            await live.waitForConnections(2)
            let third = try RawClient(port: live.port)
            third.send(get("/third"))
            second.send(get("/second"))
            #expect(try await blocking { second.text(until: ".") }.hasSuffix("GET /second ."))
            #expect(await live.server.connectionCount == 2)
            _ = first
            first = nil
            #expect(try await blocking { third.text(until: ".") }.hasSuffix("GET /third ."))
        }
    }
}
