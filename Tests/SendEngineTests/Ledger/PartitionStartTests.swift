import Testing

@testable import SendEngine

@Suite struct PartitionStartTests {
    private static let ledger = PartitionSnapshot(base: 10, finished: [12..<14, 20..<30], started: [11..<12])

    private func facts(
        _ ledger: PartitionSnapshot? = ledger,
        committed: Int64? = nil,
        isOwn: Bool = false,
        log: Range<Int64>? = 0..<100
    ) -> PartitionStart.Facts {
        var facts = PartitionStart.Facts(
            ledger: ledger,
            committed: committed.map { PartitionStart.CommittedOffset($0, isOwn: isOwn) }
        )
        facts.log = log
        return facts
    }

    // MARK: Offsets that were moved

    @Test(arguments: [0, 3, 10, 25, 100] as [Int64])
    func theLedgerCountsWhereverSomebodyElseMovedTheOffset(_ offset: Int64) throws {
        let start = try PartitionStart.decide(facts(committed: offset))
        #expect(start.offset == 10 && start.snapshot == Self.ledger)
        #expect(start.notes == (offset == 10 ? [] : [.movedOffset(isFollowed: false)]))
    }

    @Test func theLedgerCountsWhereTheOffsetIsGone() throws {
        let start = try PartitionStart.decide(facts())
        #expect(start.offset == 10 && start.snapshot == Self.ledger && start.notes == [.offsetGone])
    }

    @Test func movedOffsetsAreFollowedWhereThatIsAskedFor() throws {
        var on = facts(committed: 25)
        on.followsMovedOffsets = true
        #expect(
            try PartitionStart.decide(on)
                == PartitionStart(
                    offset: 25,
                    snapshot: PartitionSnapshot(base: 25, finished: [25..<30]),
                    notes: [.movedOffset(isFollowed: true)]
                )
        )
        var back = facts(committed: 3)
        back.followsMovedOffsets = true
        #expect(
            try PartitionStart.decide(back)
                == PartitionStart(offset: 3, snapshot: nil, notes: [.movedOffset(isFollowed: true)])
        )
    }

    @Test func whicheverSaysMoreCountsWhereAWorkerCommittedTheOffset() throws {
        let ahead = try PartitionStart.decide(facts(committed: 25, isOwn: true))
        #expect(ahead.offset == 25 && ahead.snapshot?.finished == [25..<30] && ahead.notes == [.mismatch])
        let behind = try PartitionStart.decide(facts(committed: 3, isOwn: true))
        #expect(behind.offset == 10 && behind.snapshot == Self.ledger && behind.notes == [.mismatch])
    }

    @Test func anOffsetThatTheLedgerWasToFollowIsNoNews() throws {
        var known = facts(committed: 3, isOwn: true)
        known.precedesItsOffset = true
        #expect(try PartitionStart.decide(known) == PartitionStart(offset: 10, snapshot: Self.ledger, notes: []))
        var none = facts()
        none.precedesItsOffset = true
        #expect(try PartitionStart.decide(none).notes == [])
    }

    @Test func aLedgerThatMayNotBeTheLastSaysLessThanALaterOffset() throws {
        var hidden = facts(committed: 25)
        hidden.isLedgerLast = false
        #expect(try PartitionStart.decide(hidden).offset == 25)
    }

    // MARK: Without a ledger

    @Test func aPartitionThatNobodyHadBeginsWithItsLog() throws {
        #expect(
            try PartitionStart.decide(facts(nil, log: 7..<9)) == PartitionStart(offset: 7, snapshot: nil, notes: [])
        )
        #expect(try PartitionStart.decide(facts(nil, log: nil)).offset == nil)
    }

    @Test func aWorkersOffsetWithoutALedgerIsGoneOnFrom() throws {
        let start = try PartitionStart.decide(facts(nil, committed: 25, isOwn: true))
        #expect(start == PartitionStart(offset: 25, snapshot: nil, notes: [.noLedger]))
    }

    @Test func anotherOnesOffsetWithoutALedgerIsRefused() throws {
        #expect(throws: PartitionStart.Refusal.onlyForeignOffset(25)) {
            try PartitionStart.decide(facts(nil, committed: 25))
        }
        var followed = facts(nil, committed: 25)
        followed.followsMovedOffsets = true
        #expect(try PartitionStart.decide(followed).offset == 25)
        #expect(try PartitionStart.decide(facts(nil, committed: 25, log: 25..<40)).offset == 25, "nothing is before it")
    }

    // MARK: The log

    @Test func whatWasDeletedUnreadIsNamedWithoutWhatIsFinished() throws {
        let start = try PartitionStart.decide(facts(committed: 10, isOwn: true, log: 25..<100))
        #expect(start.offset == 25 && start.snapshot == PartitionSnapshot(base: 25, finished: [25..<30]))
        #expect(start.notes == [.deletedUnread([10..<12, 14..<20])])
        let foreign = try PartitionStart.decide(facts(committed: 100, log: 25..<100))
        #expect(foreign.notes == [.movedOffset(isFollowed: false), .deletedUnread([10..<12, 14..<20])])
    }

    @Test func nothingIsNamedWhereAllThatWasDeletedIsFinished() throws {
        let finished = PartitionSnapshot(base: 10, finished: [10..<30])
        #expect(try PartitionStart.decide(facts(finished, committed: 10, isOwn: true, log: 25..<100)).notes == [])
    }

    @Test func aLogThatWasMadeAnewIsReadFromItsBeginning() throws {
        for known in [facts(log: 0..<5), facts(log: 2..<29), facts(committed: 10, isOwn: true, log: 0..<5)] {
            #expect(known.reachesBeyondLog)
            var anew = known
            anew.logAge = .anew
            let start = try PartitionStart.decide(anew)
            #expect(start.offset == known.log?.lowerBound && start.snapshot == nil)
            #expect(start.notes.last == .logAnew)
        }
        #expect(!facts(log: 0..<30).reachesBeyondLog)
    }

    @Test func aLogThatLostItsEndIsReadFromThereOn() throws {
        var known = facts(committed: 10, isOwn: true, log: 0..<25)
        known.logAge = .cutBack
        let within = try PartitionStart.decide(known)
        #expect(within.offset == 10 && within.notes == [.logCutBack])
        #expect(within.snapshot == PartitionSnapshot(base: 10, finished: [12..<14, 20..<25], started: [11..<12]))
        known.log = 0..<5
        #expect(
            try PartitionStart.decide(known)
                == PartitionStart(offset: 5, snapshot: PartitionSnapshot(base: 5), notes: [.logCutBack])
        )
    }

    @Test func anEmptyLogNeedsNoTellingApart() throws {
        let start = try PartitionStart.decide(facts(log: 0..<0))
        #expect(start.offset == 0 && start.snapshot == PartitionSnapshot(base: 0))
    }

    @Test func aLogOfWhichNobodyKnowsWhichItIsIsRefused() {
        #expect(throws: PartitionStart.Refusal.unknownLog(reaches: 30, end: 5)) {
            try PartitionStart.decide(facts(log: 0..<5))
        }
        #expect(throws: PartitionStart.Refusal.unknownLog(reaches: 25, end: 5)) {
            try PartitionStart.decide(facts(nil, committed: 25, isOwn: true, log: 0..<5))
        }
    }

    @Test(arguments: [0, 5] as [Int64])
    func whoeverSaysWhereToGoOnIsObeyed(_ offset: Int64) throws {
        var told = facts(committed: offset, log: 0..<5)
        told.followsMovedOffsets = true
        #expect(!told.reachesBeyondLog)
        #expect(try PartitionStart.decide(told).offset == offset)
    }
}
