import InstagramMessaging
import SendEngine
import Testing

@Suite("How a replica takes partitions over, and what it says of their logs")
struct ReplicaAssignmentTests {
    private let rig = ReplicaRig()

    // MARK: From the assignment to the first record

    @Test("the last owner's state is read before anything is fetched")
    func restore() {
        let words = rig.beginAssignment(of: [0, 1], epoch: 3).words
        #expect(words == ["assigned([0, 1], epoch: 3)", "restore([0, 1], epoch: 3)"])
        #expect(rig.replica.restoring == 2)
        #expect(rig.restore([1], epoch: 3).words == ["startFetching([1], at: [:], epoch: 3)"])
        #expect(
            rig.restore([0], epoch: 3, state: RestoredPartition(committed: 4, position: 6)).words == [
                "cancelRestore(epoch: 3)", "startFetching([0], at: [0: 6], epoch: 3)",
            ]
        )
        #expect(rig.replica.restoring == 0)
        #expect(rig.advance(to: 60_000).isEmpty)
    }

    @Test("where the state takes long, the rebalance ends and each partition begins by itself")
    func startPaused() {
        rig.beginAssignment(of: [0, 1, 2], epoch: 3)
        rig.restore([1], epoch: 3)
        #expect(rig.nextWake == 1_000)
        #expect(rig.advance(to: 999).isEmpty)
        #expect(rig.advance(to: 1_000).words == ["startPaused([0, 2], epoch: 3)"])
        #expect(rig.advance(to: 60_000).isEmpty)
        #expect(rig.restore([0], epoch: 3, state: RestoredPartition(position: 6)).words == ["begin(0, at: 6)"])
        let last = rig.restore([2], epoch: 3).words
        #expect(last == ["cancelRestore(epoch: 3)", "begin(2, at: 0)"])
        rig.read(2)
        #expect(rig.actions.calls.map(\.partition) == [2])
    }

    @Test("others' last calls are waited for from the assignment on, not from when the state has been read")
    func coldStart() {
        let rig = ReplicaRig(engine: .quiet { $0.coldStart = true })
        rig.beginAssignment(of: [0, 1], epoch: 3)
        rig.advance(to: 600)
        rig.restore([0], epoch: 3)
        let first = rig.read(0)
        #expect(rig.advance(to: 999).calls.isEmpty)
        #expect(rig.advance(to: 1_000).calls == [first])
        rig.advance(to: 5_000)
        rig.restore([1], epoch: 3)
        let second = rig.read(1)
        #expect(rig.actions.calls == [first, second])
    }

    @Test("an assignment of nothing reads nothing")
    func empty() {
        #expect(rig.beginAssignment(of: [], epoch: 5).words == ["assigned([], epoch: 5)"])
        #expect(rig.nextWake == nil)
    }

    @Test("what is restored of partitions that were lost meanwhile is ignored")
    func lostMeanwhile() {
        rig.beginAssignment(of: [0, 1, 2], epoch: 3)
        let first = rig.handle(.lost([0])).words
        #expect(first == ["lost([0])", "forget([0])", "givenUp([0])"])
        let second = rig.restore([0, 1], epoch: 3, state: RestoredPartition(committed: 5)).words
        #expect(second == ["startFetching([1], at: [:], epoch: 3)"])
        #expect(rig.replica.committedOffsets == [1: 5])
        #expect(rig.handle(.lost([2])).words.filter { $0 == "cancelRestore(epoch: 3)" }.count == 1)
        #expect(rig.restore([2], epoch: 3).isEmpty)
        rig.handle(.lost([1, 2]))
        #expect(rig.words.filter { $0.hasPrefix("cancelRestore") }.count == 1)
        #expect(rig.advance(to: 60_000).isEmpty)
    }

    @Test("what is restored for an assignment that is over is ignored by the next")
    func nextAssignment() {
        rig.beginAssignment(of: [0], epoch: 3)
        rig.handle(.lost([0]))
        rig.beginAssignment(of: [0], epoch: 4)
        #expect(rig.restore([0], epoch: 3, state: RestoredPartition(position: 50)).isEmpty)
        #expect(rig.replica.restoring == 1)
        #expect(rig.restore([0], epoch: 4).words.last == "startFetching([0], at: [:], epoch: 4)")
        #expect(rig.restore([0], epoch: 4, state: RestoredPartition(position: 50)).isEmpty, "twice")
    }

    // MARK: Offsets

    @Test("the first commit of an assignment names it with the offset that was committed before")
    func committedBefore() throws {
        let rig = ReplicaRig(engine: .quiet { $0.ownershipLease = .seconds(60) })
        let ledger = PartitionSnapshot(base: 5, started: [7..<8])
        let words = rig.assign([0], state: RestoredPartition(snapshot: ledger, committed: 5)).words
        #expect(words.suffix(2) == ["startFetching([0], at: [:], epoch: 1)", "commit(1)"])
        #expect(rig.openCommit?.offsets == [0: 5])
        #expect(rig.openCommit?.committedBefore == [0: 5])
        #expect(rig.openCommit?.ledgers[0].flatMap(PartitionSnapshot.init(decoding:)) == ledger)
        let first = rig.read()
        #expect(first.offset == 5)
        #expect(rig.actions.calls.isEmpty)
        #expect(try rig.endCommit().calls == [first])
    }

    @Test(
        "where reading begins elsewhere, that counts and not what was committed",
        arguments: [nil, PartitionSnapshot(base: 9)]
    )
    func position(ledger: PartitionSnapshot?) {
        let rig = ReplicaRig(engine: .quiet { $0.ownershipLease = .seconds(60) })
        rig.assign([0], state: RestoredPartition(snapshot: ledger, committed: 5, position: 9))
        #expect(rig.openCommit?.offsets == [0: 9])
        #expect(rig.openCommit?.committedBefore == [0: 5])
        #expect(rig.intake(rig.id(8)) == .known)
        #expect(rig.intake(rig.id(9)) == .new)
    }

    @Test("a partition without any offset is committed once something of it was read")
    func noOffset() throws {
        let rig = ReplicaRig(engine: .quiet { $0.ownershipLease = .seconds(60) })
        rig.assign([0])
        #expect(rig.openCommit == nil)
        rig.intake(rig.id(30))
        rig.turn()
        #expect(rig.openCommit?.offsets == [0: 30])
        #expect(rig.openCommit?.committedBefore == [:])
    }

    // MARK: Records

    @Test("a record is new, known, or nobody's here")
    func intake() {
        rig.assign([0], epoch: 3, state: RestoredPartition(snapshot: PartitionSnapshot(base: 5, finished: [7..<8])))
        #expect(rig.intake(rig.id(4)) == .known)
        #expect(rig.intake(rig.id(5)) == .new)
        #expect(rig.intake(rig.id(5)) == .known)
        #expect(rig.intake(rig.id(7)) == .known, "an earlier owner has finished it")
        #expect(rig.intake(rig.id(8, epoch: 2)) == .notOurs)
        #expect(rig.intake(rig.id(8, of: 1)) == .notOurs)
        rig.handle(.lost([0]))
        #expect(rig.intake(rig.id(8, epoch: 3)) == .notOurs)
    }

    @Test("a record that cannot be called ends where it was read")
    func settled() {
        rig.assign([0])
        let error = SendError(category: .invalidRequest, message: "It is not JSON.")
        let end = RequestEnd(
            id: rig.id(0),
            status: .rejected,
            attempts: 0,
            possibleDuplicate: false,
            error: error,
            completedAt: rig.now.wall
        )
        let record = Replica.ReadRecord(id: rig.id(0), content: .settled(end), timestamp: 0)
        #expect(rig.replica.read(record, now: rig.now) == .new)
        #expect(rig.turn().commits.first?.finished == [end])
    }

    @Test("no offset traps", arguments: [Int64.max, .max - 1, -1, .min])
    func extremeOffsets(offset: Int64) {
        rig.assign([0], state: RestoredPartition(position: 1))
        let timestamp = rig.now.wall.millisecondsSinceEpoch
        for more in 0..<3 as Range<Int64> {
            rig.intake(rig.id(offset), timestamp: timestamp + more)
            rig.advance(to: 5_000 * more)
        }
        let passedOver: [Int32: [Range<Int64>]] = [0: [Int64.min..<(-1), 1..<3, 5..<Int64.max]]
        rig.handle(.logStarts([0: offset], passedOver: passedOver))
        #expect(!rig.words.contains("call(0: \(Int64.max))"), "no offset follows")
    }

    // MARK: What the log itself says

    @Test("records that the last owner's successor finds deleted are reported when it begins")
    func deletedBefore() {
        rig.beginAssignment(of: [0])
        var state = RestoredPartition(committed: 4, position: 9)
        state.deletedUnread = 3
        let words = rig.restore([0], state: state).words
        #expect(words.contains("deletedUnread(3, partition: 0, before: 9)"))
    }

    @Test("offsets passed over in reading are asked about once a second, and reported where they were deleted")
    func deletedMeanwhile() {
        rig.advance(to: 5_000)
        rig.assign([0])
        for offset in [0, 3] as [Int64] { rig.intake(rig.id(offset)) }
        #expect(rig.advance(to: 5_999).words.allSatisfy { !$0.hasPrefix("find") })
        rig.intake(rig.id(10))
        #expect(
            rig.advance(to: 6_000).words.first { $0.hasPrefix("find") }
                == "findLogStarts(passedOver: [0: [Range(1..<3), Range(4..<10)]])"
        )
        rig.advance(to: 7_000)
        #expect(rig.words.filter { $0.hasPrefix("find") }.count == 1, "each is asked about once")
        let passedOver: [Int32: [Range<Int64>]] = [0: [1..<3, 4..<10]]
        #expect(
            rig.handle(.logStarts([0: 6], passedOver: passedOver)).words == [
                "deletedUnread(4, partition: 0, before: 6)"
            ]
        )
        #expect(rig.handle(.logStarts([0: 1], passedOver: passedOver)).isEmpty, "they are only markers")
        #expect(rig.handle(.logStarts([1: 6], passedOver: passedOver)).isEmpty)
    }

    @Test("records that come again are asked about once a second, and reported where the log ends before them")
    func repeated() {
        rig.advance(to: 5_000)
        rig.assign([0], state: RestoredPartition(position: 20))
        rig.intake(rig.id(7), timestamp: 1)
        #expect(rig.advance(to: 5_999).isEmpty)
        #expect(rig.advance(to: 6_000).words == ["findLogs(repeated: [0: 20])"])
        #expect(rig.advance(to: 7_000).isEmpty)
        let words = rig.handle(.logs([0: 0..<8], repeated: [0: 20])).words
        #expect(words == ["anotherLog(partition: 0, read: 20, end: Optional(8))"])
        #expect(rig.handle(.logs([0: 0..<20], repeated: [0: 20])).isEmpty)
        #expect(rig.handle(.logs([:], repeated: [0: 20])).isEmpty)
    }

    @Test("a record that is newer than all that was read, at an offset that was, is of another log")
    func anotherLog() {
        rig.beginAssignment(of: [0])
        var state = RestoredPartition(position: 20)
        state.newestRead = rig.now.wall.millisecondsSinceEpoch - 100
        rig.restore([0], state: state)
        rig.intake(rig.id(7), timestamp: rig.now.wall.millisecondsSinceEpoch - 100)
        #expect(rig.turn().words.allSatisfy { !$0.hasPrefix("anotherLog") })
        rig.intake(rig.id(7), timestamp: rig.now.wall.millisecondsSinceEpoch - 99)
        #expect(rig.turn().words == ["anotherLog(partition: 0, read: 8, end: nil)"])
    }

    @Test("the newest timestamp read of a partition goes with its commits, and with the partition")
    func newestRead() throws {
        rig.assign([0, 1])
        rig.finish(0)
        #expect(rig.openCommit?.newestRead == [0: ReplicaRig.wallStart])
        rig.handle(.lost([0]))
        try rig.endCommit()
        rig.advance(to: 100)
        rig.finish(1)
        #expect(rig.openCommit?.newestRead == [1: ReplicaRig.wallStart + 100])
    }
}
