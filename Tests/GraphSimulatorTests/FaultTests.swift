import Testing

@testable import GraphSimulator

@Suite struct FaultTests {
    private func endpoint(_ faults: SimulatorFault..., seed: UInt64 = 1) -> MessagesEndpoint {
        var endpoint = MessagesEndpoint(configuration: SimulatorConfiguration(seed: seed, limits: .unlimited))
        for fault in faults { _ = endpoint.faults.add(fault, now: 0) }
        return endpoint
    }

    @Test(
        arguments: [
            (.replyLost, true, nil),
            (.resetAfterBody, false, nil),
            (.replyDelayed(.seconds(60)), true, 200),
            (.truncatedAnswer, true, 200),
            (.htmlPage(status: 502, delivers: false), false, 502),
            (.htmlPage(status: 502, delivers: true), true, 502),
            (.endpointDown(status: 503), false, 503),
            (.error(.unknownError, delivers: true), true, 500),
            (.error(.temporaryError, delivers: false), false, 500),
            (.throttle(.applicationThrottled), false, 400),
            (.deadToken(subcode: 460), false, 401),
            (.odd(OddAnswer(.wrongRecipient)), true, 200),
            (.odd(OddAnswer(.gzip, .error(.unknownError))), false, 500),
            (.odd(OddAnswer(.longBody, .page(status: 429, retryAfterSeconds: 8))), false, 429),
        ] as [(FaultEffect, Bool, Int?)]
    )
    func `takes the message or not and answers as the fault says`(effect: FaultEffect, accepts: Bool, status: Int?) {
        var endpoint = endpoint(SimulatorFault(effect))
        #expect(endpoint.call(textBody("a"))?.action.status == status)
        let record = endpoint.log.records[0]
        #expect(record.accepted == accepts)
        #expect(record.status == status)
        #expect(record.fault == effect.name)
    }

    @Test func `resets before the body without knowing it`() {
        var endpoint = endpoint(SimulatorFault(.resetBeforeBody, count: 1))
        #expect(endpoint.call(textBody("a")) == nil)
        #expect(endpoint.log.records[0].bodyDigest == nil)
        #expect(!endpoint.log.records[0].accepted)
        #expect(endpoint.call(textBody("a"))?.error == nil)
    }

    @Test func `ends a truncated answer in the middle of its JSON`() throws {
        var endpoint = endpoint(SimulatorFault(.truncatedAnswer))
        let body = try #require(endpoint.call(textBody("a"))?.answer?.body)
        #expect(!body.isEmpty)
        #expect(throws: JSONSyntaxError.self) { try JSONParser.parse(body) }
    }

    @Test func `fails the fetch of media only where there is media`() {
        var endpoint = endpoint(SimulatorFault(.mediaFetchFailure(subcode: 2_018_008)))
        #expect(endpoint.call(textBody("a"))?.error == nil)
        #expect(endpoint.call(attachmentBody("video"))?.error == "100/2018008")
    }

    @Test func `does not use up a fault that delivers on calls that are refused`() {
        var endpoint = endpoint(SimulatorFault(.replyLost, count: 1))
        #expect(endpoint.call(textBody(""))?.error == "100/2534015")
        #expect(endpoint.call(textBody("a"))?.action == .close)
        #expect(endpoint.call(textBody("b"))?.action.status == 200)
    }

    @Test func `hits only the account and the recipient it is set for`() {
        var endpoint = endpoint(SimulatorFault(.endpointDown(status: 503), accountID: account, recipient: "7"))
        #expect(endpoint.call(textBody("a", to: "7"))?.action.status == 503)
        #expect(endpoint.call(textBody("a", to: "8"))?.action.status == 200)
        #expect(endpoint.call(textBody("a", to: "7"), from: "2")?.action.status == 200)
    }

    @Test func `is over after its count and after its time`() {
        var counted = endpoint(SimulatorFault(.endpointDown(status: 503), count: 2))
        #expect((0..<3).map { _ in counted.call(textBody("a"))?.action.status } == [503, 503, 200])
        #expect(counted.faults.active(at: 0).isEmpty)
        var timed = endpoint(SimulatorFault(.throttle(.accountThrottled), duration: .seconds(10)))
        #expect(timed.faults.active(at: 4_000_000_000).first?.remaining == .seconds(6))
        #expect(timed.call(textBody("a"), at: 9.999)?.error == "613")
        #expect(timed.call(textBody("a"), at: 10)?.error == nil)
    }

    @Test func `lets the first fault that applies decide and adds up latencies`() {
        var endpoint = endpoint(
            SimulatorFault(.latency(fixed: .milliseconds(20), jitter: .zero)),
            SimulatorFault(.htmlPage(status: 502, delivers: false), recipient: "7"),
            SimulatorFault(.endpointDown(status: 503)),
            SimulatorFault(.latency(fixed: .milliseconds(5), jitter: .milliseconds(10)))
        )
        let reply = endpoint.call(textBody("a", to: "7"))
        #expect(reply?.action.status == 502)
        #expect(reply.map { (.milliseconds(25)..<(.milliseconds(35))).contains($0.delay) } == true)
        #expect(endpoint.call(textBody("a", to: "8"))?.action.status == 503)
        #expect(endpoint.faults.active(at: 0).map(\.hits) == [2, 1, 1, 2])
    }

    @Test func `hits its share of the calls, the same ones for a seed`() {
        func hits(seed: UInt64, besides other: Bool = false) -> [Bool] {
            var endpoint = endpoint(SimulatorFault(.endpointDown(status: 503), share: 0.3), seed: seed)
            return (0..<2000).map { index in
                if other { _ = endpoint.call(textBody("x"), from: "2") }
                return endpoint.call(textBody("\(index)"))?.action.status == 503
            }
        }
        let first = hits(seed: 1)
        #expect((500...700).contains(first.count { $0 }))
        #expect(hits(seed: 1, besides: true) == first)
        #expect(hits(seed: 2) != first)
    }

    @Test(arguments: [
        SimulatorFault(.replyLost, share: 1.1),
        SimulatorFault(.replyLost, share: .nan),
        SimulatorFault(.replyLost, count: 0),
        SimulatorFault(.replyLost, duration: .zero),
        SimulatorFault(.resetBeforeBody, recipient: "1"),
        SimulatorFault(.htmlPage(status: 99, delivers: false)),
        SimulatorFault(.latency(fixed: .seconds(-1), jitter: .zero)),
    ])
    func `refuses faults that make no sense`(fault: SimulatorFault) {
        let error = #expect(throws: InvalidFault.self) { try fault.check() }
        #expect(error?.description.hasPrefix(fault.effect.name) == true)
    }
}
