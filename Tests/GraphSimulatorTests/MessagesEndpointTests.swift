import InstagramMessaging
import Testing

@testable import GraphSimulator

@Suite struct MessagesEndpointTests {
    private func endpoint(_ configuration: SimulatorConfiguration = SimulatorConfiguration()) -> MessagesEndpoint {
        MessagesEndpoint(configuration: configuration)
    }

    @Test func `answers a message with the recipient and a message id of its own`() throws {
        var endpoint = endpoint()
        let first = try #require(endpoint.call(textBody("a"))?.json)
        let second = try #require(endpoint.call(textBody("b"))?.json)
        #expect(first["recipient_id"]?.string == "1001")
        #expect(first["message_id"]?.string != nil)
        #expect(first["message_id"] != second["message_id"])
    }

    @Test func `answers a sender action with the recipient only`() {
        var endpoint = endpoint()
        let answer = endpoint.call(typingBody())?.json
        #expect(answer == .object(["recipient_id": .string("1001")]))
    }

    @Test func `refuses calls without a token and with another account's token`() {
        var endpoint = endpoint(SimulatorConfiguration(tokens: .perAccount([account: "right", "2": "other"])))
        #expect(endpoint.call(textBody("a"), token: "right")?.error == nil)
        for token in [nil, "", "other", "wrong"] {
            #expect(endpoint.call(textBody("a"), token: token)?.error == "190")
        }
        #expect(endpoint.call(textBody("a"), from: "3", token: "right")?.error == "190")
    }

    @Test func `takes the calls of one application only, where it knows its secret`() {
        var endpoint = endpoint(SimulatorConfiguration(appSecret: ApplicationSecret("key")))
        // printf token | openssl dgst -sha256 -hmac key
        let proof = "646b8eac0c4ae4178299c9bd924e2bf073dfb07e024901a8c864f65b9462bf0d"
        #expect(endpoint.call(textBody("a"), proof: proof)?.error == nil)
        for (proof, token) in [(nil, "token"), ("", "token"), (String(proof.reversed()), "token"), (proof, "another")] {
            #expect(endpoint.call(textBody("a"), token: token, proof: proof)?.error == "100")
        }
        #expect("\(ApplicationSecret("key"))" == "<redacted>")
    }

    @Test func `throttles the 101st text in a second and takes it a second after the first`() throws {
        var endpoint = endpoint()
        for index in 0..<100 {
            #expect(endpoint.call(textBody("\(index)"), at: Double(index) / 200)?.error == nil)
        }
        let reply = endpoint.call(textBody("x"), at: 0.6)
        let throttled = try #require(reply)
        #expect(throttled.error == "613")
        #expect(throttled.answer?.headers["X-App-Usage"]?.contains(#""call_count":0"#) == true)
        let usage = try #require(throttled.answer?.headers["X-Business-Use-Case-Usage"])
        #expect(usage.contains(account) && usage.contains(#""call_count":100"#))
        #expect(endpoint.call(textBody("x"), from: "2", at: 0.6)?.error == nil)
        #expect(endpoint.call(textBody("x"), at: 1.0051)?.error == nil)
        #expect(endpoint.log.records.count { $0.isOverLimit } == 1)
    }

    @Test func `has separate limits for texts, media and private replies`() {
        var endpoint = endpoint()
        for index in 0..<10 { #expect(endpoint.call(attachmentBody("video"), at: Double(index) / 100)?.error == nil) }
        #expect(endpoint.call(attachmentBody("audio"), at: 0.5)?.error == "613")
        #expect(endpoint.call(textBody("a"), at: 0.5)?.error == nil)
        for index in 0..<750 {
            #expect(endpoint.call(privateReplyBody(comment: "c\(index)"), at: Double(index))?.error == nil)
        }
        #expect(endpoint.call(privateReplyBody(comment: "d"), at: 3500)?.error == "613")
        #expect(endpoint.call(privateReplyBody(comment: "d"), at: 3602)?.error == nil)
    }

    @Test func `counts refused calls`() {
        var endpoint = endpoint(SimulatorConfiguration(limits: SimulatorLimits(messagesPerSecond: 2)))
        #expect(endpoint.call(textBody(""))?.error == "100/2534015")
        #expect(endpoint.call(textBody("a"), token: nil)?.error == "190")
        #expect(endpoint.call(textBody("a"))?.error == "613")
    }

    @Test func `takes one private reply for a comment`() throws {
        var endpoint = endpoint()
        let first = try #require(endpoint.call(privateReplyBody(comment: "c"))?.json)
        #expect(first["recipient_id"]?.string.map { $0.allSatisfy(\.isNumber) } == true)
        #expect(endpoint.call(privateReplyBody(comment: "c"))?.error == "10900")
        #expect(endpoint.call(privateReplyBody(comment: "c"), from: "2")?.error == nil)
    }

    @Test func `sends usage headers with every answer where it is told to`() throws {
        var endpoint = endpoint(
            SimulatorConfiguration(limits: SimulatorLimits(messagesPerSecond: 4), sendsUsageHeaders: true)
        )
        let answer = try #require(endpoint.call(textBody("a"))?.answer)
        #expect(answer.headers["X-App-Usage"] == #"{"call_count":25,"total_cputime":12,"total_time":12}"#)
    }

    @Test func `logs what it saw`() throws {
        var endpoint = endpoint()
        _ = endpoint.call(textBody("hello"), at: 2)
        _ = endpoint.call(textBody(""), at: 3)
        let log = endpoint.log.records
        #expect(log.map(\.sequence) == [1, 2])
        #expect(log.map(\.accepted) == [true, false])
        #expect(log.map(\.status) == [200, 400])
        #expect(log[0].arrivalNanoseconds == 2_000_000_000)
        #expect(log[0].arrival == Timestamp(millisecondsSinceEpoch: 1_700_000_002_000))
        #expect(log[0].marker == "hello")
        #expect(log[0].kind == "text")
        #expect(log[0].rateClass == .messages)
        #expect(log[0].bodyDigest == BodyDigest.of(Array(textBody("hello").utf8)))
        #expect(log[1].errorSubcode == 2_534_015)
    }

    @Test func `starts anew when it is reset`() throws {
        var endpoint = endpoint(SimulatorConfiguration(limits: SimulatorLimits(messagesPerSecond: 1)))
        let first = endpoint.call(textBody("a"))
        _ = endpoint.faults.add(SimulatorFault(.replyLost), now: 0)
        endpoint.reset()
        #expect(endpoint.log.records.isEmpty)
        #expect(endpoint.call(textBody("a"))?.json == first?.json)
    }
}
