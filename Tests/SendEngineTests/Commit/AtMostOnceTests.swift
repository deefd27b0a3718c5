import InstagramMessaging
import SendEngine
import Testing

@Suite struct AtMostOnceTests {
    @Test func `an at_most_once request is called only after a commit that says it is started`() throws {
        let rig = Rig()
        rig.accept(rig.request(.atMostOnce))
        #expect(rig.newCalls() == [])
        #expect(rig.engine.census.awaitingMark == 1)
        let batch = try #require(rig.takeCommit())
        #expect(batch.finished.isEmpty)
        let snapshot = try #require(PartitionSnapshot(decoding: batch.positions[0].snapshot))
        #expect(snapshot == PartitionSnapshot(base: 0, started: [0..<1]))
        #expect(batch.positions[0].nextOffset == 0)
        #expect(rig.newCalls() == [])
        rig.succeed(batch)
        #expect(rig.newCalls() == [0])
        #expect(!rig.hasCommit)
    }

    @Test func `after a failed commit the mark is wanted again`() throws {
        let rig = Rig()
        rig.accept(rig.request(.atMostOnce))
        rig.actions()
        let first = try #require(rig.takeCommit())
        rig.fail(first)
        #expect(rig.newCalls() == [])
        let second = try #require(rig.takeCommit())
        #expect(second.number > first.number)
        #expect(second.positions == first.positions)
        rig.succeed(second)
        #expect(rig.newCalls() == [0])
    }

    @Test func `without a place to keep marks, and for idempotent requests, the call goes out at once`() {
        let rig = Rig(.quiet { $0.startedMarksAreDurable = false })
        rig.accept(rig.request(.atMostOnce))
        #expect(rig.newCalls() == [0])
        let other = Rig()
        other.accept(other.request(to: "u:1", .messages, .atMostOnce, isIdempotent: true))
        #expect(other.newCalls() == [0])
    }

    @Test func `a call that did not get out takes the mark back, and the retry marks again`() throws {
        let rig = Rig()
        rig.accept(rig.request(.atMostOnce))
        rig.actions()
        rig.commit()
        #expect(rig.newCalls() == [0])
        rig.end(0, .bad(.notSent, .endpointUnavailable, retryAfter: 1_000))
        let cleared = try #require(rig.takeCommit())
        #expect(PartitionSnapshot(decoding: cleared.positions[0].snapshot) == PartitionSnapshot(base: 0))
        rig.succeed(cleared)
        rig.advance(by: 2_000)
        #expect(rig.newCalls() == [])
        rig.commit()
        #expect(rig.newCalls() == [0])
    }

    @Test func `a mark that became durable while the account was cooled does not lead to a call`() throws {
        let rig = Rig()
        rig.accept(rig.request(to: "u:1"))
        rig.accept(rig.request(.atMostOnce))
        #expect(rig.newCalls() == [0])
        let batch = try #require(rig.takeCommit())
        rig.end(0, .throttled)
        rig.succeed(batch)
        #expect(rig.newCalls() == [])
        let cleared = try #require(rig.takeCommit())
        #expect(PartitionSnapshot(decoding: cleared.positions[0].snapshot)?.started == [])
        rig.succeed(cleared)
        rig.advance(by: 5_000)
        #expect(rig.newCalls() == [0])
        rig.commit()
        // At the pace of one call a wait.
        rig.advance(by: 1_000)
        #expect(rig.newCalls() == [])
        rig.commit()
        #expect(rig.newCalls() == [1])
    }

    @Test func `reserved calls count against the limits and the calls that may run`() throws {
        let rig = Rig(
            .quiet {
                $0.limits.messagesPerSecond = 2
                $0.maxInFlight = 3
            }
        )
        for index in 0..<3 { rig.accept(rig.request(to: "u:\(index)", .messages, .atMostOnce)) }
        for index in 0..<3 { rig.accept(rig.request(account: "2", to: "u:\(index)")) }
        #expect(rig.newCalls() == [3])
        #expect(rig.engine.census.awaitingMark == 2)
        rig.commit()
        #expect(rig.newCalls() == [0, 1])
        #expect(rig.engine.census.inFlight == 3)
        for offset in [Int64(0), 1, 3] { rig.end(offset, .delivered) }
        #expect(rig.newCalls() == [4])
        rig.advance(by: 1_000)
        #expect(rig.newCalls() == [5])
    }

    @Test func `a new owner ends a started at_most_once request as unknown without a call`() throws {
        let rig = Rig(restored: PartitionSnapshot(base: 0, started: [0..<1]))
        rig.accept(rig.request(.atMostOnce))
        #expect(rig.newCalls() == [])
        let ending = try rig.ending(of: 0)
        #expect(ending.status == .unknown)
        #expect(!ending.possibleDuplicate)
        #expect(ending.error != nil)
    }

    @Test func `a new owner calls a started at_least_once request again as a possible duplicate`() throws {
        let rig = Rig(restored: PartitionSnapshot(base: 0, started: [0..<2]))
        rig.accept(rig.request(to: "u:1"))
        rig.accept(rig.request(to: "u:2"))
        #expect(rig.newCalls() == [0, 1])
        #expect(rig.attempts == [2, 2])
        rig.end(0, .delivered)
        rig.end(1, .refused)
        let endings = rig.commit()
        #expect(endings[0]?.status == .sent)
        #expect(endings[0]?.possibleDuplicate == true)
        #expect(endings[1]?.status == .unknown)
    }

    @Test func `what was sent again before a crash stays a possible duplicate, called once more or not`() throws {
        let rig = Rig()
        rig.accept(rig.request())
        rig.actions()
        rig.end(0, .unknown)
        #expect(rig.advanceToNextCalls() == [0])
        rig.accept(rig.request(to: "u:9", expiresAfter: 0))
        let bytes = try #require(rig.takeCommit()?.positions.first?.snapshot)
        let snapshot = try #require(PartitionSnapshot(decoding: bytes))
        #expect(snapshot == PartitionSnapshot(base: 0, finished: [1..<2], resent: [0..<1]))
        let next = Rig(restored: snapshot)
        next.accept(next.request(expiresAfter: 0))
        let ending = try next.ending(of: 0)
        #expect(ending.status == .unknown)
        #expect(ending.possibleDuplicate)
    }

    @Test func `a started request that fails validation on the second reading is unknown, not rejected`() throws {
        let rig = Rig(restored: PartitionSnapshot(base: 0, started: [0..<1]))
        let late = RequestEnd(
            id: rig.request().id,
            status: .expired,
            attempts: 0,
            possibleDuplicate: false,
            error: SendError(category: .expired, message: "Too late."),
            completedAt: rig.now.wall
        )
        rig.engine.settle(late, now: rig.now)
        let ending = try rig.ending(of: 0)
        #expect(ending.status == .unknown)
        #expect(ending.attempts == 1)
        #expect(ending.error?.category == .expired)
    }
}

extension Rig {
    fileprivate func request(_ delivery: DeliveryPreference) -> QueuedRequest {
        request(to: "u:once", .messages, delivery)
    }
}
