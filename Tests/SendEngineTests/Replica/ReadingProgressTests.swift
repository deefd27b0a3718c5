import Testing

@testable import SendEngine

@Suite struct ReadingProgressTests {
    private var progress = ReadingProgress()

    /// Whether a record is taken for one of another log.
    private mutating func isForeign(_ offset: Int64, _ timestamp: Int64, now: Int64 = 10_000) -> Bool {
        progress.read(offset, of: 0, timestamp: timestamp, now: now)
    }

    @Test mutating func recordsInOrderAreNoNews() {
        progress.begin(0, at: 5, newest: nil)
        for offset in [5, 6, 9] as [Int64] {
            let isForeign = isForeign(offset, offset * 100)
            #expect(!isForeign)
        }
        let repeated = progress.takeRepeated()
        #expect(repeated.isEmpty)
        #expect(progress.newest == [0: 900])
    }

    @Test mutating func anOldRecordThatComesAgainIsLookedInto() {
        progress.begin(0, at: 5, newest: 700)
        let verdicts = [isForeign(5, 800), isForeign(3, 600)]
        let repeated = [progress.takeRepeated(), progress.takeRepeated()]
        let next = isForeign(6, 900)
        #expect(verdicts == [false, false] && !next)
        #expect(repeated == [[0: 6], [:]])
    }

    @Test mutating func aNewRecordAtAnOffsetThatWasReadIsOfAnotherLog() {
        progress.begin(0, at: 200, newest: 700)
        let isForeign = isForeign(0, 701)
        #expect(isForeign)
    }

    @Test mutating func aTimestampThatLiesAheadCountsAsThePresent() {
        progress.begin(0, at: 0, newest: nil)
        _ = isForeign(0, 3_600_000, now: 1_000)
        #expect(progress.newest == [0: 1_000])
        // A clock is not wrong by more than this.
        let isForeign = isForeign(0, 61_001, now: 62_000)
        #expect(isForeign)
    }

    @Test mutating func aRecordThatWasAheadOfThisClockMayComeAgainWhenItsTimeHasPassed() {
        progress.begin(0, at: 0, newest: nil)
        let verdicts = [isForeign(0, 1_025, now: 1_000), isForeign(0, 1_025, now: 1_500)]
        #expect(verdicts == [false, false])
    }

    @Test mutating func aRecordThatLiesAheadMayComeAgain() {
        progress.begin(0, at: 0, newest: nil)
        let verdicts = [isForeign(0, 3_600_000, now: 1_000), isForeign(0, 3_600_000, now: 2_000)]
        #expect(verdicts == [false, false])
        let repeated = progress.takeRepeated()
        #expect(repeated == [0: 1])
    }

    @Test mutating func nothingIsTakenForAnotherLogWhereNoTimestampIsKnown() {
        progress.begin(0, at: 2, newest: nil)
        let verdicts = [isForeign(1, 1_001), isForeign(2, -1)]
        let repeated = progress.takeRepeated()
        #expect(verdicts == [false, false])
        #expect(progress.newest.isEmpty && repeated == [0: 2])
    }

    @Test mutating func whatIsGivenUpIsForgotten() {
        progress.begin(0, at: 200, newest: 700)
        _ = isForeign(1, 1)
        progress.remove(0)
        let repeated = progress.takeRepeated()
        #expect(repeated.isEmpty && progress.newest.isEmpty)
        let isForeign = isForeign(0, 900)
        #expect(!isForeign)
    }
}
