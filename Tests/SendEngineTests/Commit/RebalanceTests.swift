import InstagramMessaging
import SendEngine
import Testing

@Suite struct RebalanceTests {
    @Test func `nothing new starts for a partition that is being given up, and what runs may end`() throws {
        let rig = Rig(.quiet { $0.maxInFlight = 1 })
        for index in 0..<2 { rig.accept(rig.request(to: "u:\(index)")) }
        #expect(rig.newCalls() == [0])
        rig.engine.beginRevoke([0], now: rig.now)
        #expect(!rig.isTaken(rig.request(to: "u:3")))
        #expect(rig.callsInFlight(in: 0) == 1)
        let started = try #require(rig.takeCommit())
        #expect(PartitionSnapshot(decoding: started.positions[0].snapshot)?.started == [0..<1])
        rig.succeed(started)
        rig.end(0, .delivered)
        #expect(rig.newCalls() == [])
        #expect(rig.callsInFlight(in: 0) == 0)
        let batch = try #require(rig.takeCommit())
        #expect(batch.positions.map(\.nextOffset) == [1])
        rig.succeed(batch)
        #expect(!rig.hasCommit)
        rig.engine.remove([0], now: rig.now)
        #expect(rig.engine.census.waiting == 0)
        #expect(rig.engine.census.partitions == 0)
    }

    @Test func `marks that are not durable are taken back when a partition is being given up`() throws {
        let rig = Rig()
        rig.accept(rig.request(to: "u:1", .messages, .atMostOnce))
        rig.accept(rig.request(to: "u:2", .messages, .atMostOnce))
        rig.actions()
        let open = try #require(rig.takeCommit())
        rig.engine.beginRevoke([0], now: rig.now)
        rig.succeed(open)
        #expect(rig.newCalls() == [])
        let last = try #require(rig.takeCommit())
        #expect(PartitionSnapshot(decoding: last.positions[0].snapshot) == PartitionSnapshot(base: 0))
        rig.succeed(last)
        #expect(!rig.hasCommit)
        #expect(rig.newCalls() == [])
        #expect(rig.engine.census.awaitingMark == 0)
    }

    @Test func `late outcomes and records of an assignment that is over are ignored and counted`() {
        let rig = Rig()
        let old = rig.accept(rig.request())
        rig.actions()
        rig.engine.remove([0], now: rig.now)
        #expect(rig.engine.census.inFlight == 1)
        rig.engine.assign(0, epoch: 2, now: rig.now)
        #expect(!rig.isTaken(rig.request()))
        rig.end(old, .delivered)
        rig.end(old, .delivered)
        #expect(rig.engine.census.totals.lateOutcomes == 2)
        #expect(rig.engine.census.inFlight == 0)
        #expect(rig.engine.census.totals.ignoredRecords == 1)
        #expect(!rig.hasCommit)
    }

    @Test func `endings of a partition that is lost are not committed, nor put back after a failure`() throws {
        let rig = Rig()
        rig.engine.assign(1, epoch: 1, now: rig.now)
        rig.accept(rig.request(account: "1", offset: 0))
        rig.accept(rig.request(account: "2", partition: 1, offset: 5))
        rig.actions()
        rig.end(0, .delivered)
        rig.end(RecordID(partition: 1, offset: 5, epoch: 1), .delivered)
        let batch = try #require(rig.takeCommit())
        #expect(batch.positions.map(\.partition) == [0, 1])
        rig.engine.remove([0], now: rig.now)
        rig.fail(batch)
        let next = try #require(rig.takeCommit())
        #expect(next.finished.map(\.id.partition) == [1])
        #expect(next.positions.map(\.partition) == [1])
    }

    @Test func `a conversation whose first request was lost with its partition goes on with the others`() {
        let rig = Rig()
        rig.engine.assign(1, epoch: 1, now: rig.now)
        rig.accept(rig.request(offset: 0))
        rig.accept(rig.request(partition: 1, offset: 5))
        #expect(rig.newCalls() == [0])
        rig.engine.remove([0], now: rig.now)
        #expect(rig.newCalls() == [5])
    }

    @Test func `assigning a partition again forgets what was known of it`() {
        let rig = Rig()
        rig.accept(rig.request(offset: 3))
        rig.actions()
        rig.epoch = 2
        rig.engine.assign(0, epoch: 2, now: rig.now)
        rig.accept(rig.request(offset: 3))
        #expect(rig.newCalls() == [3])
        #expect(rig.engine.census.inFlight == 2)
        #expect(rig.callsInFlight(in: 0) == 1)
    }
}

extension RebalanceTests {
    @Test func `a call whose mark has just become durable is not made for a partition that has just gone`() throws {
        for isGone in [true, false] {
            let rig = Rig()
            rig.accept(rig.request(to: "u:1", .messages, .atMostOnce))
            rig.actions()
            let batch = try #require(rig.takeCommit())
            rig.succeed(batch)
            if isGone { rig.engine.remove([0], now: rig.now) } else { rig.engine.beginRevoke([0], now: rig.now) }
            #expect(rig.newCalls() == [])
            #expect(rig.engine.census.inFlight == 0)
            #expect(rig.engine.census.awaitingMark == 0)
        }
    }
}
