import InstagramMessaging
import Synchronization
import Testing

@testable import SendWorker

@Suite("Graph transport: odd answers", .timeLimit(.minutes(1)))
struct OddAnswerTests {
    /// What was reported as odd, in its order.
    private final class Oddities: Sendable {
        private let noted = Mutex<[AnswerOddity]>([])

        var all: [AnswerOddity] { noted.withLock { $0 } }
        var note: @Sendable (AnswerOddity) -> Void { { oddity in self.noted.withLock { $0.append(oddity) } } }
    }

    private func sent(to recipient: String, id: String = "m_1", headers: [String] = []) -> String {
        httpAnswer("200 OK", headers: headers, body: #"{"recipient_id":"\#(recipient)","message_id":"\#(id)"}"#)
    }

    private func outcome(_ answer: String, closes: Bool = false) async throws -> CallOutcome {
        let script = RawServer.Script { _ in closes ? .answerAndClose(answer) : .answer(answer) }
        return try await RawServer.with(script) { server in
            let transport = try TransportFixture.transport(to: server.url)
            return try await TransportFixture.withTransport(transport) { await $0.outcome() }
        }
    }

    @Test("on a connection that has carried others, an answer for another person leaves the call unknown and ends it")
    func outOfStep() async throws {
        let oddities = Oddities()
        // The first answer comes once more in place of the second one.
        try await RawServer.with(RawServer.Script { _ in .answer(sent(to: "5")) }) { server in
            let transport = try TransportFixture.transport(to: server.url, onOddity: oddities.note)
            try await TransportFixture.withTransport(transport) { transport in
                let first = await transport.outcome(of: TransportFixture.call(recipient: "5"))
                #expect(first.outcomeClass == .delivered)
                let second = await transport.outcome(of: TransportFixture.call(recipient: "6"))
                #expect(second.outcomeClass == .unknown)
                #expect(second.isAnsweredUnknown)
                #expect(second.messageID == nil && second.recipientID == nil)
                #expect(server.connections == 1)
                #expect(await transport.outcome(of: TransportFixture.call(recipient: "5")).outcomeClass == .delivered)
                #expect(server.connections == 2, "the connection is not used again")
            }
        }
        #expect(
            oddities.all == [.otherRecipient(accountID: TransportFixture.account, isOutOfStep: true)]
        )
    }

    @Test("on a connection's first call it is taken as it is, and reported")
    func firstExchange() async throws {
        let oddities = Oddities()
        try await RawServer.with(RawServer.Script { _ in .answer(sent(to: "5")) }) { server in
            let transport = try TransportFixture.transport(to: server.url, onOddity: oddities.note)
            try await TransportFixture.withTransport(transport) { transport in
                let outcome = await transport.outcome(of: TransportFixture.call(recipient: "6"))
                #expect(outcome.outcomeClass == .delivered)
                #expect(outcome.messageID == "m_1")
            }
        }
        #expect(oddities.all == [.otherRecipient(accountID: TransportFixture.account, isOutOfStep: false)])
    }

    @Test("a private reply's answer names a person whom nobody asked for")
    func privateReply() async throws {
        let oddities = Oddities()
        try await RawServer.with(RawServer.Script { _ in .answer(sent(to: "5")) }) { server in
            let transport = try TransportFixture.transport(to: server.url, onOddity: oddities.note)
            try await TransportFixture.withTransport(transport) { transport in
                for _ in 0..<2 { #expect(await transport.outcome().outcomeClass == .delivered) }
            }
        }
        #expect(oddities.all.isEmpty)
    }

    @Test("another version of the API is reported, with its name")
    func otherVersion() async throws {
        let oddities = Oddities()
        let versions = Mutex(["v23.0", "v25.0", "v25.0"])
        let script = RawServer.Script { [self] _ in
            let version = versions.withLock { $0.removeFirst() }
            return .answer(sent(to: "5", headers: ["Facebook-API-Version: \(version)"]))
        }
        try await RawServer.with(script) { server in
            let transport = try TransportFixture.transport(to: server.url, onOddity: oddities.note)
            try await TransportFixture.withTransport(transport) { transport in
                for _ in 0..<3 { #expect(await transport.outcome().outcomeClass == .delivered) }
            }
        }
        #expect(oddities.all == Array(repeating: .otherVersion("v25.0", asked: "v23.0"), count: 2))
    }

    @Test("a throttle whose body is long, stalls or breaks off is a throttle, with its time")
    func throttles() async throws {
        let head = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 8\r\n"
        let long = String(repeating: "<p>slow down</p>", count: 8_000)
        let answers = [
            ("\(head)Content-Length: \(long.utf8.count)\r\n\r\n\(long)", false),
            ("\(head)\r\n\(long)", true),
            ("\(head)Content-Length: 100\r\n\r\n<p>slow", true),
            ("\(head)Content-Length: 100\r\n\r\n<p>slow", false),
            ("\(head)Transfer-Encoding: chunked\r\n\r\n5\r\n<p>sl\r\nzz", false),
            ("\(head)Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnone", false),
        ]
        for (answer, closes) in answers {
            let outcome = try await outcome(answer, closes: closes)
            #expect(outcome.outcomeClass == .throttled)
            #expect(outcome.retryAfterMilliseconds == 8_000)
        }
    }

    @Test("a success that cannot be read is an unknown outcome that was answered")
    func unreadableSuccess() async throws {
        let body = #"{"recipient_id":"5","message_id":"m_1"}"#
        let answers = [
            "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\nContent-Length: 5\r\n\r\n\(body)",
            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)",
            httpAnswer("200 OK", body: body + String(repeating: " ", count: 115_000)),
        ]
        for answer in answers {
            let outcome = try await outcome(answer)
            #expect(outcome.outcomeClass == .unknown)
            #expect(outcome.isAnsweredUnknown)
        }
    }

    @Test("a redirect is not followed", arguments: ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Moved"])
    func redirect(status: String) async throws {
        let script = RawServer.Script { request in
            .answer(httpAnswer(status, headers: ["Location: \(request.target)", "Retry-After: 1"], body: ""))
        }
        try await RawServer.with(script) { server in
            let transport = try TransportFixture.transport(to: server.url)
            let outcome = try await TransportFixture.withTransport(transport) { await $0.outcome() }
            #expect(outcome.outcomeClass == .refused)
            #expect(outcome.error?.message.contains("graph.baseURL") == true)
            #expect(server.requests.count == 1)
        }
    }

    @Test("what was not processed may be sent again, on another connection where the answer says so")
    func notProcessed() async throws {
        for (status, connections) in [("421 Misdirected Request", 2), ("425 Too Early", 1)] {
            try await RawServer.with(RawServer.Script { _ in .answer(httpAnswer(status, body: "")) }) { server in
                let transport = try TransportFixture.transport(to: server.url)
                try await TransportFixture.withTransport(transport) { transport in
                    for _ in 0..<2 {
                        let outcome = await transport.outcome()
                        #expect(outcome.outcomeClass == .notSent)
                        #expect(outcome.wasStarted)
                    }
                }
                #expect(server.connections == connections)
            }
        }
    }

    @Test("408 and 499 leave the call unknown", arguments: ["408 Request Timeout", "499 Closed"])
    func gaveUpWaiting(status: String) async throws {
        let outcome = try await outcome(httpAnswer(status, body: "<html>"))
        #expect(outcome.outcomeClass == .unknown)
        #expect(!outcome.isAnsweredUnknown)
    }
}
