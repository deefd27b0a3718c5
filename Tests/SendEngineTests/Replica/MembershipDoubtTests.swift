import Testing

@testable import SendEngine

@Suite("What a commit proves after a silence", .timeLimit(.minutes(1)))
struct MembershipDoubtTests {
    private static let second: Int64 = 1_000_000_000

    private func doubt(session: Int = 45, heartbeat: Int = 3) -> MembershipDoubt {
        MembershipDoubt(
            MembershipDoubt.Settings(sessionTimeout: .seconds(session), heartbeatInterval: .seconds(heartbeat))
        )
    }

    /// Whether a commit that begins and ends at a moment proves ownership.
    private func trusts(_ doubt: MembershipDoubt, at second: Double) -> Bool {
        let moment = Int64(second * Double(Self.second))
        return doubt.trustsCommit(from: moment, to: moment)
    }

    @Test("a short silence leaves no doubt; one of nearly a session does, until a heartbeat must have been answered")
    func silence() {
        var doubt = doubt()
        doubt.noteSilence(from: 0, to: 34 * Self.second)
        #expect(trusts(doubt, at: 34))
        doubt.noteSilence(from: 0, to: 42 * Self.second)
        #expect(!trusts(doubt, at: 42))
        #expect(!trusts(doubt, at: 48.9))
        #expect(trusts(doubt, at: 49))
    }

    @Test("a silence that ends long before the session is doubted until the session is over")
    func restOfTheSession() {
        var doubt = doubt()
        doubt.noteSilence(from: 0, to: 35 * Self.second)
        #expect(!trusts(doubt, at: 45.9))
        #expect(trusts(doubt, at: 46))
        #expect(
            !doubt.trustsCommit(from: 45 * Self.second, to: 46 * Self.second),
            "the group may have taken it early on"
        )
    }

    @Test("a member that is refused for longer than its session and a rebalance has not been told by librdkafka")
    func expulsion() {
        var doubt = doubt(session: 20)
        let before = (0..<35).map { doubt.noteExpulsion(at: $0 * Self.second) }
        #expect(before.allSatisfy { $0 == nil })
        // Partitions have changed hands, or a commit was taken: it is another refusal that begins.
        doubt.noteMember()
        let again = (40..<75).map { doubt.noteExpulsion(at: $0 * Self.second) }
        #expect(again.allSatisfy { $0 == nil })
        #expect(doubt.noteExpulsion(at: 75 * Self.second) == 35)
    }

    @Test("what a process slept through does not count: librdkafka has not heard of it either")
    func expulsionAsleep() {
        var doubt = doubt(session: 20)
        #expect(doubt.noteExpulsion(at: 0) == nil)
        #expect(doubt.noteExpulsion(at: 300 * Self.second) == nil)
        #expect(doubt.noteExpulsion(at: 301 * Self.second) == nil)
    }

    @Test("while the brokers are away for long, a commit that another connection carries proves nothing")
    func brokersAway() {
        var doubt = doubt(session: 20)
        doubt.noteBrokersDown(at: 0)
        doubt.noteBrokersDown(at: Self.second)
        #expect(trusts(doubt, at: 9.9))
        #expect(!trusts(doubt, at: 10))
        doubt.noteBrokersUp(at: 15 * Self.second)
        #expect(!trusts(doubt, at: 21.9))
        #expect(trusts(doubt, at: 22))
        doubt.noteBrokersUp(at: 60 * Self.second)
        #expect(trusts(doubt, at: 60))
    }

    @Test("a network that swallows everything is told by the question that nobody answers")
    func noAnswer() {
        var doubt = doubt(session: 20)
        #expect(trusts(doubt, at: 100))
        for moment in stride(from: Int64(0), through: 10, by: 2) { doubt.noteAnswer(at: moment * Self.second) }
        // The brokers may have been gone since the last answer, whenever the next was due.
        #expect(trusts(doubt, at: 19.9))
        #expect(!trusts(doubt, at: 20))
        doubt.noteAnswer(at: 23 * Self.second)
        #expect(!trusts(doubt, at: 30.9))
        #expect(trusts(doubt, at: 31))
    }

    @Test("brokers that are gone before they have answered a first question are told by what followed the assignment")
    func noFirstAnswer() {
        var doubt = doubt(session: 20)
        doubt.noteAssignment(at: 0)
        #expect(trusts(doubt, at: 9.9))
        for moment in [11, 19] { doubt.noteAnswer(at: Int64(moment) * Self.second) }
        #expect(!trusts(doubt, at: 20.9))
        #expect(trusts(doubt, at: 21))
    }

    @Test("commits are trusted with the shortest session that a group allows, too")
    func shortSession() {
        var doubt = doubt(session: 6)
        for moment in 0..<10 { doubt.noteAnswer(at: Int64(moment) * 7 * Self.second / 2) }
        doubt.noteSilence(from: 30 * Self.second, to: 33 * Self.second - 1)
        #expect(trusts(doubt, at: 35))
    }
}
