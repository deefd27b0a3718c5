import InstagramMessaging
import SendEngine
import Testing

@Suite struct CommitTests {
    @Test func `a batch holds what has ended and never covers what has not`() throws {
        let rig = Rig()
        for index in 0..<4 { rig.accept(rig.request(to: "u:\(index)", offset: Int64(10 + 2 * index))) }
        #expect(rig.newCalls() == [10, 12, 14, 16])
        #expect(rig.takeCommit() == nil)
        rig.end(14, .delivered)
        let batch = try #require(rig.takeCommit())
        #expect(batch.finished.map(\.id.offset) == [14])
        #expect(batch.positions.map(\.nextOffset) == [10])
        let snapshot = try #require(PartitionSnapshot(decoding: batch.positions[0].snapshot))
        #expect(snapshot == PartitionSnapshot(base: 10, finished: [14..<15], started: [10..<11, 12..<13, 16..<17]))
        rig.succeed(batch)
        for offset in [Int64(10), 12, 16] { rig.end(offset, .delivered) }
        #expect(rig.takeCommit()?.positions.map(\.nextOffset) == [17])
    }

    @Test func `one batch is open at a time and a failed one comes again with what ended since`() throws {
        let rig = Rig()
        for index in 0..<3 { rig.accept(rig.request(to: "u:\(index)")) }
        rig.actions()
        rig.end(0, .delivered)
        let first = try #require(rig.takeCommit())
        rig.end(1, .delivered)
        #expect(rig.takeCommit() == nil)
        #expect(!rig.hasCommit)
        #expect(rig.finishedCount == 1)
        rig.fail(first)
        let second = try #require(rig.takeCommit())
        #expect(second.finished.map(\.id.offset) == [0, 1])
        rig.succeed(first)
        #expect(rig.takeCommit() == nil)
        rig.succeed(second)
        #expect(!rig.hasCommit)
        #expect(rig.engine.census.finished == 0)
    }

    @Test func `records rejected at intake are finished like others`() throws {
        let rig = Rig()
        let rejection = RequestEnd(
            id: rig.request().id,
            status: .rejected,
            attempts: 0,
            possibleDuplicate: false,
            error: SendError(category: .invalidRequest, message: "No."),
            completedAt: rig.now.wall
        )
        let isTaken = rig.engine.settle(rejection, now: rig.now)
        #expect(isTaken)
        let batch = try #require(rig.takeCommit())
        #expect(batch.finished == [rejection])
        #expect(batch.positions.map(\.nextOffset) == [1])
    }

    @Test func `a record that is read again is ignored, finished or not`() {
        let rig = Rig()
        let first = rig.request(to: "u:1")
        let second = rig.request(to: "u:2")
        rig.accept(first)
        rig.accept(second)
        rig.actions()
        rig.end(0, .delivered)
        rig.commit()
        #expect(!rig.isTaken(first))
        #expect(!rig.isTaken(second))
        #expect(rig.newCalls() == [])
        #expect(rig.engine.census.totals.ignoredRecords == 2)
    }

    @Test func `what an earlier owner finished is skipped without a second result`() throws {
        let rig = Rig(restored: PartitionSnapshot(base: 0, finished: [1..<2]))
        for _ in 0..<3 { rig.accept(rig.request()) }
        #expect(rig.newCalls() == [0])
        rig.end(0, .delivered)
        #expect(rig.newCalls() == [2])
        rig.end(2, .delivered)
        let batch = try #require(rig.takeCommit())
        #expect(batch.finished.map(\.id.offset) == [0, 2])
        #expect(batch.positions.map(\.nextOffset) == [3])
        #expect(rig.engine.census.totals.skippedRecords == 1)
    }

    @Test func `fetching pauses when much is outstanding and resumes at half, once it is durable`() throws {
        let rig = Rig(.quiet { $0.maxOutstandingPerPartition = 4 })
        for index in 0..<4 { rig.accept(rig.request(to: "u:\(index)")) }
        #expect(rig.actions().first == .pause(partition: 0))
        #expect(rig.engine.census.pausedPartitions == 1)
        for offset in Int64(0)..<2 { rig.end(offset, .delivered) }
        #expect(rig.actions() == [])
        let batch = try #require(rig.takeCommit())
        rig.succeed(batch)
        #expect(rig.actions() == [.resume(partition: 0)])
        #expect(rig.engine.census.pausedPartitions == 0)
    }

    @Test func `a partition that has just gone is neither paused nor resumed`() {
        let rig = Rig(.quiet { $0.maxOutstandingPerPartition = 1 })
        rig.accept(rig.request())
        rig.engine.remove([0], now: rig.now)
        #expect(rig.actions() == [])
        #expect(rig.engine.census.pausedPartitions == 0)
    }
}
