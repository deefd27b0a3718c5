import InstagramMessaging
import Testing

@testable import GraphSimulator

@Suite struct CallLogTests {
    private func record(
        _ seconds: Double = 0,
        account accountID: String = account,
        recipient: String = "1",
        digest: UInt128 = 1,
        accepted: Bool = true,
        isSenderAction: Bool = false
    ) -> CallRecord {
        CallRecord(
            sequence: 0,
            arrivalNanoseconds: Int64(seconds * 1e9),
            arrival: Timestamp(millisecondsSinceEpoch: 0),
            accountID: accountID,
            recipient: recipient,
            rateClass: .messages,
            isSenderAction: isSenderAction,
            bodyDigest: digest,
            delay: .zero,
            accepted: accepted,
            isOverLimit: false,
            status: 200
        )
    }

    private func summary(_ records: [CallRecord]) -> SimulatorSummary {
        SimulatorSummary(of: records, forgotten: 0)
    }

    @Test func `keeps the newest calls and says how many it forgot`() {
        var log = CallLog(capacity: 3)
        #expect(log.records(since: 0, account: nil, limit: 9).isEmpty)
        for index in 1...5 { log.append(record(account: index == 4 ? "4" : account)) }
        #expect(log.forgotten == 2)
        #expect(log.records.map(\.sequence) == [3, 4, 5])
        #expect(log.records(since: 0, account: nil, limit: 2).map(\.sequence) == [3, 4])
        #expect(log.records(since: 4, account: nil, limit: 9).map(\.sequence) == [5])
        #expect(log.records(since: 99, account: nil, limit: 9).isEmpty)
        #expect(log.records(since: 0, account: "4", limit: 9).map(\.sequence) == [4])
    }

    @Test func `finds messages that were accepted twice, and only those`() {
        let found = summary([
            record(digest: 1), record(digest: 1), record(digest: 1),
            record(digest: 2), record(digest: 2, accepted: false),
            record(recipient: "2", digest: 1), record(account: "9", digest: 1),
        ])
        #expect(found.duplicateMessages == 2)
        #expect(found.duplicates.map(\.times) == [3])
        #expect(found.acceptedMessages == 6)
    }

    @Test func `tells repeated sender actions apart`() {
        let found = summary([record(isSenderAction: true), record(isSenderAction: true), record(digest: 5)])
        #expect(found.duplicateMessages == 0)
        #expect(found.duplicates.isEmpty)
        #expect(found.repeatedSenderActions == 1)
        #expect(found.acceptedSenderActions == 2)
        #expect(found.acceptedMessages == 1)
    }

    @Test func `finds the densest second whatever moment it starts at`() {
        let found = summary([0, 0.9, 0.95, 1.0, 1.89, 1.9, 3].map { record($0) })
        #expect(found.rates.map(\.mostPerSecond) == [4])
        #expect(found.rates.map(\.mostPerHour) == [7])
    }

    @Test(arguments: 0..<20)
    func `counts windows as counting one by one does`(seed: Int) {
        var draw = FaultDraw(seed: UInt64(seed), faultID: 0, accountID: "", call: 0)
        let arrivals = (0..<200).map { _ in Int64(draw.next() * 10_000) }.sorted()
        let expected = arrivals.map { start in arrivals.count { $0 >= start && $0 - start < 500 } }.max()
        #expect(SimulatorSummary.most(arrivals, within: 500) == expected)
    }

    @Test func `keeps the order in which a conversation accepted messages`() {
        var log = CallLog(capacity: 10)
        for digest in [3, 1, 2] as [UInt128] { log.append(record(digest: digest)) }
        log.append(record(digest: 9, accepted: false))
        log.append(record(recipient: "0", digest: 7))
        let conversations = log.conversations(account: account)
        #expect(conversations.map(\.recipient) == ["0", "1"])
        #expect(conversations[1].accepted.map(\.bodyDigest) == [3, 1, 2])
        #expect(log.conversations(account: "none").isEmpty)
    }
}
