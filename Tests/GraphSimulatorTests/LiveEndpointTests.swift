import HTTP
import HTTPCodec
import Telemetry
import Testing

@testable import GraphSimulator

@Suite(.timeLimit(.minutes(1))) struct LiveEndpointTests {
    @Test func `answers over HTTP as Graph does`() async throws {
        try await LiveSimulator.run { live async throws in
            let answer = try await live.send(textBody("a"))
            #expect(answer.status == 200)
            #expect(answer.json?["recipient_id"]?.string == "1001")
            #expect(answer.json?["message_id"]?.string != nil)
            let refused = try await live.send(textBody("a"), token: nil)
            #expect(refused.status == 401)
            #expect(refused.json?.errorCodes == "190")
            #expect(refused.json?["error"]?["fbtrace_id"]?.string?.count == 23)
        }
    }

    @Test func `takes the marker from the header`() async throws {
        try await LiveSimulator.run { live async throws in
            _ = try await live.send(textBody("a"), headers: ["X-Simulator-Marker": "request 7"])
            #expect(live.simulator.calls().map(\.marker) == ["request 7"])
        }
    }

    @Test(arguments: [
        ("/v23.0/1/messages?appsecret_proof=zz", HTTPMethod.post, "100"),
        ("/v23.0/1/messages", .get, "100/33"),
        ("/v23/1/messages", .post, "2500"),
        ("/v23.0/me/messages", .post, "2500"),
        ("/v23.0/1/messages/", .post, "2500"),
    ])
    func `refuses other requests as Graph does`(path: String, method: HTTPMethod, error: String) async throws {
        try await LiveSimulator.run { live async throws in
            let answer = try await live.request(
                method,
                path,
                body: method == .post ? textBody("a") : nil,
                headers: ["Content-Type": "application/json", "Authorization": "Bearer t"]
            )
            #expect(answer.status == 400)
            #expect(answer.json?.errorCodes == error)
            #expect(live.simulator.calls().isEmpty)
        }
    }

    @Test func `tolerates a well-formed appsecret_proof`() async throws {
        try await LiveSimulator.run { live async throws in
            let answer = try await live.request(
                .post,
                "/v23.0/1/messages?appsecret_proof=\(String(repeating: "0a", count: 32))",
                body: textBody("a"),
                headers: ["Content-Type": "application/json", "Authorization": "Bearer t"]
            )
            #expect(answer.status == 200)
        }
    }

    @Test func `answers a body that is too large with 413 and goes on`() async throws {
        try await LiveSimulator.run(SimulatorConfiguration(maximumBodyBytes: 1000)) { live async throws in
            #expect(try await live.send(textBody(String(repeating: "a", count: 100_000))).status == 413)
            #expect(try await live.send(textBody("a")).status == 200)
        }
    }

    @Test(arguments: [
        (FaultEffect.replyLost, true), (.resetBeforeBody, false), (.resetAfterBody, false),
    ])
    func `ends the connection without an answer`(effect: FaultEffect, accepts: Bool) async throws {
        try await LiveSimulator.run { live async throws in
            try live.simulator.addFault(SimulatorFault(effect, count: 1))
            await #expect(throws: (any Error).self) { try await live.send(textBody("a")) }
            #expect(live.simulator.calls().map(\.accepted) == [accepts])
            #expect(try await live.send(textBody("b")).status == 200)
        }
    }

    @Test func `holds a reply beyond the client's time-out though the message was accepted`() async throws {
        try await LiveSimulator.run { live async throws in
            try live.simulator.addFault(SimulatorFault(.replyDelayed(.seconds(600)), count: 1))
            let error = await #expect(throws: HTTPCallFailure.self) {
                try await live.send(textBody("a"), timeout: .milliseconds(200))
            }
            #expect(error?.kind == .deadline)
            #expect(live.simulator.calls().map(\.accepted) == [true])
        }
    }

    @Test func `answers late where there is latency`() async throws {
        try await LiveSimulator.run { live async throws in
            try live.simulator.addFault(SimulatorFault(.latency(fixed: .milliseconds(80), jitter: .zero)))
            let start = ContinuousClock.now
            #expect(try await live.send(textBody("a")).status == 200)
            #expect(ContinuousClock.now - start >= .milliseconds(80))
        }
    }

    @Test func `answers pages, truncated JSON and an outage`() async throws {
        try await LiveSimulator.run { live async throws in
            for (effect, status) in [
                (FaultEffect.htmlPage(status: 502, delivers: false), 502), (.truncatedAnswer, 200),
                (.endpointDown(status: 503), 503),
            ] {
                try live.simulator.addFault(SimulatorFault(effect, count: 1))
                let answer = try await live.send(textBody("a"))
                #expect(answer.status == status)
                #expect(answer.json == nil)
            }
        }
    }

    @Test(arguments: OddAnswer.Oddity.allCases.filter { $0 != .stalledBody && $0 != .longBody })
    func `an odd answer says what another would`(oddity: OddAnswer.Oddity) async throws {
        try await LiveSimulator.run { live async throws in
            try live.simulator.addFault(SimulatorFault(.odd(OddAnswer(oddity)), count: 1))
            let answer = try await live.send(textBody("a"))
            #expect(answer.status == 200)
            #expect(answer.text.contains("message_id"))
            try live.simulator.addFault(SimulatorFault(.odd(OddAnswer(oddity, .error(.deadToken))), count: 1))
            let refusal = try await live.send(textBody("b"))
            #expect(refusal.status == 401)
            #expect(refusal.text.contains(#""code":190"#))
        }
    }

    @Test func `a long body is long, and one that stalls does not end`() async throws {
        try await LiveSimulator.run { live async throws in
            try live.simulator.addFault(SimulatorFault(.odd(OddAnswer(.longBody)), count: 1))
            #expect(try await live.send(textBody("a")).text.utf8.count > 115_000)
            try live.simulator.addFault(SimulatorFault(.odd(OddAnswer(.stalledBody)), count: 1))
            let failure = await #expect(throws: HTTPCallFailure.self) {
                _ = try await live.send(textBody("a"), timeout: .milliseconds(500))
            }
            #expect(failure?.partial?.status == 200)
        }
    }

    @Test func `takes many calls at once and loses none`() async throws {
        try await LiveSimulator.run(SimulatorConfiguration(limits: .unlimited)) { live async throws in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for index in 0..<300 {
                    group.addTask { try await live.send(textBody("\(index)", to: "\(index % 7)")).status }
                }
                for try await status in group { #expect(status == 200) }
            }
            let summary = live.simulator.summary()
            #expect(summary.acceptedMessages == 300)
            #expect(summary.duplicateMessages == 0)
            #expect(live.simulator.conversations().map(\.accepted.count).reduce(0, +) == 300)
        }
    }
}

@Suite(.timeLimit(.minutes(1))) struct SimulatorLifecycleTests {
    private let logger = Logger.disabled

    @Test func `stops at once though a reply is held back`() async throws {
        let started = try await LiveSimulator.run { live async throws in
            try live.simulator.addFault(SimulatorFault(.replyDelayed(.seconds(600))))
            let call = Task { try await live.send(textBody("a"), timeout: .seconds(50)) }
            while live.simulator.calls().isEmpty { await Task.yield() }
            call.cancel()
            return ContinuousClock.now
        }
        #expect(ContinuousClock.now - started < .seconds(10))
    }

    @Test func `tells those who wait for the port that it could not listen`() async throws {
        try await LiveSimulator.run { live async throws in
            let port = try await live.simulator.port()
            let second = GraphSimulator(configuration: SimulatorConfiguration(port: port), logger: logger)
            let run = Task { try await second.run() }
            await #expect(throws: SimulatorStopped.self) { try await second.port() }
            await #expect(throws: (any Error).self) { try await run.value }
        }
    }

    @Test func `lets a task that waits for the port be cancelled`() async throws {
        let simulator = GraphSimulator(logger: logger)
        let waiting = Task { try await simulator.port() }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
    }

    @Test func `shows no token in its configuration`() {
        let configuration = SimulatorConfiguration(tokens: .perAccount(["1": "secret-token"]))
        var dumped = ""
        dump(configuration, to: &dumped)
        #expect(!dumped.contains("secret-token"))
        #expect(!"\(configuration)".contains("secret-token"))
    }
}
