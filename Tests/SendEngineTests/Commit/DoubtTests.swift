import InstagramMessaging
import SendEngine
import Testing

@Suite struct DoubtTests {
    private func rig(_ most: Int, inFlight: Int = 512) -> Rig {
        Rig(
            .quiet {
                $0.maxInDoubt = most
                $0.maxInFlight = inFlight
            }
        )
    }

    private func accept(_ count: Int, of rig: Rig) {
        for index in 0..<count { rig.accept(rig.request(to: "u:\(rig.nextOffset + Int64(index))")) }
    }

    @Test func `so many are called or ended and not durable, and no more`() throws {
        let rig = rig(3)
        accept(6, of: rig)
        #expect(rig.newCalls() == [0, 1, 2])
        #expect(rig.explain(account: "1")?.reason == .maxInDoubt)
        rig.end(0, .delivered)
        rig.end(1, .refused)
        #expect(rig.newCalls().isEmpty && rig.inDoubt == 3)
        let batch = try #require(rig.takeCommit())
        #expect(rig.newCalls().isEmpty, "a commit that runs makes no room")
        rig.succeed(batch)
        #expect(rig.inDoubt == 1)
        #expect(rig.newCalls() == [3, 4])
    }

    @Test func `a commit that failed makes no room`() throws {
        let rig = rig(2)
        accept(4, of: rig)
        rig.actions()
        rig.end(0, .delivered)
        rig.end(1, .unknown)
        rig.fail(try #require(rig.takeCommit()))
        #expect(rig.newCalls().isEmpty && rig.inDoubt == 2)
        rig.commit()
        #expect(rig.inDoubt == 0)
        #expect(rig.newCalls() == [2, 3])
    }

    @Test func `what is known not to be delivered and goes on is not in doubt`() {
        for outcome in [CallOutcome.notSent, .throttled, .tokenDead, .bad(.notSent, wasStarted: false)] {
            let rig = rig(1)
            rig.accept(rig.request())
            rig.actions()
            #expect(rig.inDoubt == 1)
            rig.end(0, outcome)
            #expect(rig.inDoubt == 0, "\(outcome.outcomeClass)")
        }
    }

    @Test func `an unknown attempt counts until the ledger durably tells of it, and has itself committed`() throws {
        let rig = rig(1)
        accept(2, of: rig)
        #expect(rig.newCalls() == [0])
        rig.end(0, .unknown)
        #expect(rig.newCalls().isEmpty && rig.inDoubt == 1)
        let batch = try #require(rig.takeCommit())
        #expect(try #require(PartitionSnapshot(decoding: batch.positions[0].snapshot)).started == [0..<1])
        rig.succeed(batch)
        #expect(rig.inDoubt == 0)
        #expect(rig.newCalls() == [1])
    }

    @Test func `a resend of what is in doubt needs no room and counts once`() throws {
        let rig = rig(2)
        accept(3, of: rig)
        #expect(rig.newCalls() == [0, 1])
        rig.end(0, .unknown)
        let batch = try #require(rig.takeCommit())
        #expect(rig.advanceToNextCalls() == [0])
        #expect(rig.inDoubt == 2)
        rig.succeed(batch)
        #expect(rig.inDoubt == 2, "it is called at this moment")
        rig.end(0, .delivered)
        rig.commit()
        #expect(rig.inDoubt == 1)
        #expect(rig.newCalls() == [2])
    }

    @Test func `a resend after its first attempt is durable counts anew`() throws {
        let rig = rig(1)
        rig.accept(rig.request())
        rig.actions()
        rig.end(0, .unknown)
        rig.commit()
        rig.accept(rig.request(to: "u:2"))
        #expect(rig.newCalls() == [1])
        rig.advance(by: 60_000)
        #expect(rig.newCalls().isEmpty && rig.explain(account: "1")?.reason == .maxInDoubt)
        rig.end(1, .delivered)
        rig.commit()
        #expect(rig.newCalls() == [0])
        #expect(rig.inDoubt == 1)
    }

    @Test func `a second unknown attempt is not durable with the commit of the first`() throws {
        let rig = rig(1)
        rig.accept(rig.request())
        rig.actions()
        rig.end(0, .unknown)
        let first = try #require(rig.takeCommit())
        #expect(rig.advanceToNextCalls() == [0])
        rig.end(0, .unknown)
        rig.succeed(first)
        #expect(rig.inDoubt == 1)
        rig.commit()
        #expect(rig.inDoubt == 0)
    }

    @Test func `what waits for its mark has its room already`() throws {
        let rig = rig(2)
        for index in 0..<3 { rig.accept(rig.request(to: "u:\(index)", .messages, .atMostOnce)) }
        #expect(rig.newCalls().isEmpty)
        rig.commit()
        #expect(rig.newCalls() == [0, 1])
        #expect(rig.inDoubt == 2 && !rig.hasCommit)
    }

    @Test func `what was never called is not in doubt`() {
        let rig = rig(1)
        for _ in 0..<5 {
            let rejection = RequestEnd(
                id: rig.request().id,
                status: .rejected,
                attempts: 0,
                possibleDuplicate: false,
                completedAt: rig.now.wall
            )
            rig.engine.settle(rejection, now: rig.now)
        }
        rig.accept(rig.request())
        #expect(rig.newCalls() == [5])
        #expect(rig.inDoubt == 1)
    }

    @Test func `what goes with its partition is in doubt no more, ended or not`() throws {
        let rig = rig(4)
        rig.engine.assign(1, epoch: 1, now: rig.now)
        for offset in Int64(0)..<2 {
            rig.accept(rig.request(to: "u:\(offset)", offset: offset))
            rig.accept(rig.request(account: "2", to: "u:\(offset)", partition: 1, offset: offset))
        }
        rig.actions()
        for partition in Int32(0)...1 { rig.end(RecordID(partition: partition, offset: 0, epoch: 1), .delivered) }
        let batch = try #require(rig.takeCommit())
        rig.engine.remove([1], now: rig.now)
        #expect(rig.inDoubt == 2)
        rig.end(RecordID(partition: 1, offset: 1, epoch: 1), .delivered)
        rig.succeed(batch)
        #expect(rig.inDoubt == 1)
    }

    @Test func `a commit is urgent once half of what may be in doubt has ended`() {
        let rig = rig(6)
        accept(6, of: rig)
        rig.actions()
        for offset in Int64(0)..<2 { rig.end(offset, .delivered) }
        #expect(rig.hasCommit && !rig.isCommitUrgent)
        rig.end(2, .unknown)
        #expect(rig.isCommitUrgent)
        rig.commit()
        #expect(!rig.isCommitUrgent)
    }
}

@Suite struct FirstCommitTests {
    private func rig(_ restored: PartitionSnapshot?) -> Rig {
        let rig = Rig(.quiet { $0.ownershipLease = .seconds(5) }, restored: restored)
        rig.nextOffset = restored?.base ?? 0
        return rig
    }

    @Test func `an assignment is committed at once, with the offset and the ledger that it began with`() throws {
        let ledger = PartitionSnapshot(base: 7, finished: [9..<11], started: [12..<13])
        let rig = rig(ledger)
        #expect(rig.isCommitUrgent)
        let batch = try #require(rig.takeCommit())
        #expect(batch.positions.map(\.nextOffset) == [7])
        #expect(PartitionSnapshot(decoding: batch.positions[0].snapshot) == ledger)
    }

    @Test func `no call of a partition begins before a commit of its own assignment is durable`() throws {
        let rig = rig(PartitionSnapshot(base: 0))
        rig.commit()
        rig.accept(rig.request())
        #expect(rig.newCalls() == [0])
        rig.engine.assign(1, epoch: 2, restored: PartitionSnapshot(base: 0), now: rig.now)
        rig.epoch = 2
        rig.accept(rig.request(account: "2", partition: 1, offset: 0))
        #expect(rig.newCalls().isEmpty)
        #expect(rig.explain(account: "2")?.reason == .unproven)
        #expect(rig.waitingAccounts(limit: 5).map(\.accountID) == ["2"])
        rig.epoch = 1
        rig.accept(rig.request(account: "3"))
        #expect(rig.newCalls() == [1], "other partitions go on")
        let first = try #require(rig.takeCommit())
        #expect(rig.newCalls().isEmpty)
        rig.fail(first)
        #expect(rig.newCalls().isEmpty && rig.isCommitUrgent)
        rig.succeedOwingOffsets(try #require(rig.takeCommit()))
        #expect(rig.newCalls().isEmpty && rig.isCommitUrgent)
        rig.commit()
        #expect(rig.actions() == [.call(RecordID(partition: 1, offset: 0, epoch: 2), attempt: 1)])
    }

    @Test func `a commit of an earlier assignment of the partition does not count`() throws {
        let rig = rig(PartitionSnapshot(base: 0))
        let earlier = try #require(rig.takeCommit())
        rig.engine.assign(0, epoch: 2, restored: PartitionSnapshot(base: 0), now: rig.now)
        rig.epoch = 2
        rig.accept(rig.request())
        rig.succeed(earlier)
        #expect(rig.newCalls().isEmpty)
        rig.commit()
        #expect(rig.newCalls() == [0])
    }

    @Test func `where no offset is committed the first record names it`() throws {
        let rig = rig(nil)
        #expect(!rig.hasCommit)
        rig.accept(rig.request(offset: 20))
        #expect(rig.isCommitUrgent)
        #expect(rig.takeCommit()?.positions.map(\.nextOffset) == [20])
    }

    @Test func `what waits for the first commit still expires and is given up with its partition`() throws {
        let rig = rig(PartitionSnapshot(base: 0))
        rig.accept(rig.request(expiresAfter: 1_000))
        rig.accept(rig.request(to: "u:2"))
        #expect(rig.explain(1)?.stage == .awaitingFirstCommit)
        rig.advance(by: 2_000)
        #expect(try rig.ending(of: 0).status == .expired)
        #expect(rig.newCalls() == [1])
        rig.engine.assign(1, epoch: 1, restored: PartitionSnapshot(base: 0), now: rig.now)
        rig.accept(rig.request(account: "2", partition: 1, offset: 0))
        rig.engine.beginRevoke([1], now: rig.now)
        rig.commit()
        #expect(rig.newCalls().isEmpty)
        rig.engine.remove([1], now: rig.now)
        #expect(rig.explain(account: "2")?.reason ?? .ready == .ready)
    }
}
