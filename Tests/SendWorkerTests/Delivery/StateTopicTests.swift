import KafkaClient
import SendEngine
import Testing

@testable import SendWorker

@Suite struct StateTopicTests {
    private let topic = StateTopic(name: "state")

    private func records(_ accounts: [CommitBatch.AccountState]) -> [ProducerRecord] {
        topic.records(for: Delivery(ledgers: [2: [9]], accounts: accounts))
    }

    @Test(arguments: [1, 100, 10_000], [1, 31, 32, 4_000, 500_000])
    func theLargestLedgerIsNoLargerThanSaid(outstanding: Int, ended: Int64) {
        var snapshot = PartitionSnapshot(base: 1 << 40)
        var offset = snapshot.base + 1
        for _ in 0..<outstanding {
            snapshot.finished.append(offset..<offset + ended)
            offset += ended + 1
        }
        let ledger = snapshot.encoded()
        var delivery = Delivery(ledgers: [2: ledger])
        delivery.commit.newestRead = [2: .max]
        let records = StateTopic(name: "state", group: String(repeating: "g", count: 200)).records(
            for: delivery,
            marker: Array(repeating: 7, count: 41),
            writer: String(repeating: "w", count: 220)
        )
        #expect(records.map(\.topic) == ["state"])
        #expect(records.allSatisfy { $0.batchSize <= StateTopic.largestLedger(outstanding: outstanding) })
        if ended > 4_100 { #expect(ledger.count > 3 * outstanding) }
    }

    @Test func accountsAreWrittenBeforeTheLedgerOfTheirPartition() {
        let records = records([CommitBatch.AccountState(partition: 2, epoch: 1, accountID: "178", memory: [1, 2])])
        #expect(records.map(\.key) == [Array("account:178".utf8), Array("ledger".utf8)])
        #expect(records.map(\.value) == [[1, 2], [9]])
        #expect(records.map(\.partition) == [2, 2])
        #expect(records.map(\.topic) == ["state", "state"])
    }

    @Test func whatIsNoLongerRememberedIsATombstone() {
        let records = records([CommitBatch.AccountState(partition: 2, epoch: 1, accountID: "178", memory: nil)])
        #expect(records.first?.value == .some(nil))
    }

    @Test func everyRecordNamesItsDeliveryAndItsWriter() {
        let delivery = Delivery(
            ledgers: [2: [9]],
            accounts: [CommitBatch.AccountState(partition: 2, epoch: 1, accountID: "178", memory: [1])]
        )
        for record in topic.records(for: delivery, marker: [7], writer: "group-a") {
            #expect(record.headers.map(\.name) == ["delivery", "writer"])
            #expect(record.headers.map(\.value) == [[7], Array("group-a".utf8)])
        }
        #expect(topic.records(for: delivery).first?.headers == [])
    }

    @Test func aLedgerNamesItsGroupAndTheNewestRequestRead() throws {
        var delivery = Delivery(ledgers: [2: [9]])
        delivery.commit.newestRead = [2: 1_800_000_000_123, 3: 1]
        let topic = StateTopic(name: "state", group: "own")
        let record = try #require(topic.records(for: delivery, marker: [7], writer: "own-a").first)
        #expect(record.headers.map(\.name) == ["delivery", "writer", "group", "newest"])
        var contents = StateContents()
        contents.take(StateFixture.record("ledger", [9], offset: 0, partition: 2, headers: record.headers))
        #expect(contents.group == "own" && contents.newestRead == 1_800_000_000_123)
    }

    @Test func aLedgerOfTheVersionBeforeNamesNoGroup() {
        var contents = StateContents()
        contents.take(StateFixture.record("ledger", [9], offset: 0))
        #expect(contents.group == nil)
        #expect(contents.newestRead == 1, "when it was written")
    }

    @Test func onlyWorkersOffsetsAreTakenForOwn() {
        #expect(StateTopic.isOwn(StateTopic.offsetMetadata) && StateTopic.isOwn("instagram-send-worker/0.0.1"))
        #expect(!StateTopic.isOwn("") && !StateTopic.isOwn("instagram-send-workers") && !StateTopic.isOwn("x"))
    }

    @Test func `a ledger without a transaction says which offset was committed when it was written`() throws {
        var delivery = Delivery(ledgers: [2: [9]])
        delivery.commit.committedBefore = [2: 41]
        let headers = try #require(topic.records(for: delivery).first).headers
        #expect(StateTopic.wasWritten(headers, whileCommitted: 41))
        #expect(
            !StateTopic.wasWritten(headers, whileCommitted: 42) && !StateTopic.wasWritten(headers, whileCommitted: nil)
        )
        delivery.commit.committedBefore = [:]
        let first = try #require(topic.records(for: delivery).first).headers
        #expect(StateTopic.wasWritten(first, whileCommitted: nil) && !StateTopic.wasWritten(first, whileCommitted: 0))
        #expect(!StateTopic.wasWritten([], whileCommitted: nil))
    }

    @Test func onlyOtherReplicasOfTheGroupAreTakenForWriters() {
        let names = ReplicaNames(groupID: "group", instanceID: "me")
        #expect(names.own == "group-me")
        #expect(names.other(Array("group-you".utf8)) == "group-you")
        for foreign in ["group-me", "group-", "group", "payments-1", ""] {
            #expect(names.other(Array(foreign.utf8)) == nil)
        }
        #expect(names.other(nil) == nil && names.other([0xff, 0xfe]) == nil)
    }

    @Test(arguments: ["17841400000000000", "1", String(repeating: "9", count: 32)])
    func aKeyIsReadAsItWasWritten(_ id: String) {
        #expect(StateTopic.subject(of: StateTopic.key(of: .account(id))) == .account(id))
        #expect(StateTopic.subject(of: StateTopic.key(of: .ledger)) == .ledger)
    }

    @Test(arguments: [
        "", "ledger2", "Ledger", "account", "account:", "account:abc", "account:1 ", "Account:1",
        "account:" + String(repeating: "9", count: 33),
    ])
    func aKeyThatNoWorkerWritesIsForeign(_ key: String) {
        #expect(StateTopic.subject(of: Array(key.utf8)) == nil)
        #expect(StateTopic.subject(of: nil) == nil)
        #expect(StateTopic.subject(of: [0xff, 0xfe]) == nil)
    }
}
