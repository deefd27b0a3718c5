import InstagramMessaging
import SendEngine
import Testing

@Suite struct ExplainTests {
    private func explanation(_ offset: Int64, _ rig: Rig) throws -> RequestExplanation {
        try #require(rig.explain(offset))
    }

    @Test func `a request says where it stands in its conversation`() throws {
        let rig = Rig()
        for _ in 0..<3 { rig.accept(rig.request()) }
        rig.accept(rig.request(to: "u:2"))
        rig.actions()
        #expect(try explanation(0, rig).stage == .inFlight)
        #expect(try (0..<4).map { try explanation($0, rig).ahead } == [0, 1, 2, 0])
        #expect(try explanation(2, rig).stage == .behind(RecordID(partition: 0, offset: 0, epoch: 1)))
        #expect(try explanation(0, rig).attempts == 1)
        rig.end(0, .delivered)
        #expect(try explanation(2, rig).ahead == 1)
    }

    @Test func `a request that waits for its retry says until when and what went wrong`() throws {
        let rig = Rig()
        rig.accept(rig.request())
        rig.actions()
        rig.end(0, .bad(.notSent, .endpointUnavailable, retryAfter: 3_000))
        let explained = try explanation(0, rig)
        #expect(explained.stage == .delayed(until: 3_000_000_000))
        #expect(explained.lastError?.category == .endpointUnavailable)
        #expect(!explained.mayBeDelivered && explained.attempts == 1)
    }
}
