import KafkaClient
import SendEngine
import Testing

@testable import SendWorker

@Suite struct StateContentsTests {
    private func contents(_ records: [KafkaRecord]) -> StateContents {
        var contents = StateContents()
        for record in records { contents.take(record) }
        return contents
    }

    @Test func theLastRecordOfEachKeyCounts() {
        let contents = contents([
            StateFixture.ledger(1, offset: 0), StateFixture.account("1", holds: 1, offset: 1),
            StateFixture.account("2", holds: 1, offset: 2), StateFixture.account("1", holds: 3, offset: 4),
            StateFixture.ledger(7, offset: 5),
        ])
        #expect(contents.decodedLedger()?.base == 7)
        #expect(
            contents.decodedAccounts().memories == [
                "1": StateFixture.memory(holds: 3), "2": StateFixture.memory(holds: 1),
            ]
        )
        #expect(contents.records == 5 && contents.end == 6 && contents.ignored.isEmpty)
    }

    @Test func aTombstoneRemovesWhatWasThere() {
        let contents = contents([
            StateFixture.ledger(1, offset: 0), StateFixture.account("1", holds: 1, offset: 1),
            StateFixture.record("account:1", nil, offset: 2), StateFixture.record("ledger", nil, offset: 3),
            StateFixture.record("account:2", nil, offset: 4),
        ])
        #expect(contents.ledger == nil && contents.decodedAccounts().memories.isEmpty)
        #expect(contents.ignored.isEmpty)
    }

    @Test func foreignKeysArePassedOverAndCounted() {
        var nameless = StateFixture.record("", [1], offset: 0)
        nameless.key = nil
        let contents = contents([
            nameless, StateFixture.record("account:me", [1], offset: 1), StateFixture.record("leger", [1], offset: 2),
            StateFixture.ledger(4, offset: 3),
        ])
        #expect(contents.ignored == [.foreign: 3])
        #expect(contents.decodedLedger()?.base == 4)
    }

    @Test func damagedBytesOfAnAccountSpoilNothingElse() {
        var flipped = StateFixture.memory(holds: 1).encoded()
        flipped[flipped.count / 2] ^= 0x10
        var newer = StateFixture.memory(holds: 1).encoded()
        newer[0] += 1
        let contents = contents([
            StateFixture.record("account:1", flipped, offset: 0), StateFixture.record("account:2", [], offset: 1),
            StateFixture.record("account:3", newer, offset: 2), StateFixture.account("4", holds: 2, offset: 3),
        ])
        let accounts = contents.decodedAccounts()
        #expect(accounts.memories == ["4": StateFixture.memory(holds: 2)])
        #expect(accounts.unreadable == 3)
    }

    @Test func aRecordThatIsTooLargeIsNotKept() {
        let large = [UInt8](repeating: 0, count: StateContents.largestValue + 1)
        let contents = contents([
            StateFixture.account("1", holds: 2, offset: 0), StateFixture.record("account:1", large, offset: 1),
            StateFixture.record("ledger", large, offset: 2),
        ])
        #expect(contents.ignored == [.unreadableAccount: 1, .unreadableLedger: 1])
        #expect(contents.decodedAccounts().memories.count == 1 && contents.ledger == nil)
    }

    @Test func noMoreAccountsAreKeptThanThereIsRoomFor() {
        var contents = StateContents()
        for number in 0...StateContents.mostAccounts {
            contents.take(StateFixture.record("account:\(number)", [1], offset: Int64(number)))
        }
        // One that is known may still change.
        contents.take(StateFixture.account("7", holds: 1, offset: 1_000_000))
        #expect(contents.ignored == [.tooManyAccounts: 1])
        #expect(contents.decodedAccounts().memories["7"] != nil)
        #expect(contents.decodedAccounts().unreadable == StateContents.mostAccounts - 1)
    }

    @Test func whatIsReadTwiceCountsOnce() {
        let twice = [StateFixture.ledger(1, offset: 5), StateFixture.ledger(2, offset: 6)]
        let contents = contents(twice + twice)
        #expect(contents.records == 2 && contents.decodedLedger()?.base == 2)
    }
}
