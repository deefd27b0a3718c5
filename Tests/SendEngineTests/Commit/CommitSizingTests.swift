import InstagramMessaging
import SendEngine
import Testing

/// What fails is not tried again unchanged: it comes in halves, until one goes through.
@Suite(.timeLimit(.minutes(1)))
struct CommitSizingTests {
    private static func rig(partitions: Range<Int32> = 0..<1) -> Rig {
        let rig = Rig(
            .quiet {
                $0.limits.messagesPerSecond = 1_000_000
                $0.maxInFlight = 10_000
                $0.maxInDoubt = 10_000
            }
        )
        for partition in partitions where partition > 0 {
            rig.engine.assign(partition, epoch: 1, restored: nil, now: rig.now)
        }
        return rig
    }

    /// Has requests ended, each of a conversation of its own, delivered unless an outcome says something else.
    private static func end(
        _ offsets: Range<Int64>,
        in partition: Int32 = 0,
        _ rig: Rig,
        _ delivery: DeliveryPreference = .atLeastOnce,
        outcome: (Int64) -> CallOutcome = { _ in .delivered }
    ) {
        for offset in offsets {
            rig.accept(
                rig.request(
                    account: "\(partition)",
                    to: "u:\(partition)-\(offset)",
                    .messages,
                    delivery,
                    partition: partition,
                    offset: offset
                )
            )
        }
        var waiting = Set(offsets)
        while !waiting.isEmpty {
            rig.advance(by: 10)
            for case .call(let id, _) in rig.actions() where id.partition == partition {
                rig.end(id, outcome(id.offset))
                waiting.remove(id.offset)
            }
            // Marks and first commits.
            if !waiting.isEmpty, rig.finishedCount == 0, let batch = rig.takeCommit() { rig.succeed(batch) }
        }
    }

    @Test func aBatchThatFailedComesInHalvesUntilOneIsLeft() throws {
        let rig = Self.rig()
        Self.end(0..<100, rig)
        var sizes: [Int] = []
        for _ in 0..<9 {
            let batch = try #require(rig.takeCommit())
            sizes.append(batch.finished.count)
            rig.fail(batch)
        }
        #expect(sizes == [100, 50, 25, 12, 6, 3, 1, 1, 1])
        #expect(rig.finishedCount == 100, "nothing is forgotten")
    }

    @Test func aGroupThatTakesNoOffsetsSaysNothingOfSizes() throws {
        let rig = Self.rig()
        Self.end(0..<10, rig)
        let batch = try #require(rig.takeCommit())
        rig.engine.commitFailed(batch.number, isTooMuch: false, now: rig.now)
        #expect(rig.takeCommit()?.finished.count == 10)
    }

    @Test func afterASuccessMoreIsTriedAgainBitByBit() throws {
        let rig = Self.rig()
        Self.end(0..<1_000, rig)
        for _ in 0..<5 { rig.fail(try #require(rig.takeCommit())) }
        var sizes: [Int] = []
        while let batch = rig.takeCommit() {
            sizes.append(batch.finished.count)
            #expect(rig.isCommitUrgent == false, "one at a time")
            rig.succeed(batch)
        }
        #expect(sizes == [31, 62, 124, 248, 496, 39], "half of what failed first is reached quickly")
    }

    @Test func aBatchThatTheLimitCutsOffIsFollowedAtOnce() throws {
        let rig = Self.rig()
        Self.end(0..<1_000, rig)
        for _ in 0..<3 { rig.fail(try #require(rig.takeCommit())) }
        rig.succeed(try #require(rig.takeCommit()))
        #expect(rig.isCommitUrgent)
    }

    /// One ending of many cannot be written, whatever is done.
    @Test func oneThatNeverGoesThroughHoldsUpNoOther() throws {
        let rig = Self.rig(partitions: 0..<3)
        for partition in Int32(0)..<3 { Self.end(0..<40, in: partition, rig) }
        var durable: Set<RecordID> = []
        var tries = 0
        while durable.count < 119 {
            let batch = try #require(rig.takeCommit())
            tries += 1
            if batch.finished.contains(where: { $0.id.partition == 1 && $0.id.offset == 7 }) {
                rig.fail(batch)
            } else {
                durable.formUnion(batch.finished.map(\.id))
                rig.succeed(batch)
            }
            try #require(tries < 400)
        }
        #expect(rig.finishedCount == 1)
    }

    @Test func everyPartitionWithNewsHasItsTurn() throws {
        let rig = Self.rig(partitions: 0..<4)
        for partition in Int32(0)..<4 { Self.end(0..<8, in: partition, rig) }
        for _ in 0..<6 { rig.fail(try #require(rig.takeCommit())) }
        var seen: Set<Int32> = []
        for _ in 0..<4 {
            let batch = try #require(rig.takeCommit())
            #expect(batch.positions.count == 1 && batch.finished.count == 1)
            seen.formUnion(batch.positions.map(\.partition))
            rig.fail(batch)
        }
        #expect(seen == [0, 1, 2, 3])
    }

    // MARK: What the next owner is told

    @Test func whatIsLeftOutIsNotFinishedInTheLedger() throws {
        let rig = Self.rig()
        Self.end(0..<8, rig) { $0 % 2 == 0 ? .delivered : .refused }
        rig.fail(try #require(rig.takeCommit()))
        let batch = try #require(rig.takeCommit())
        let durable = Set(batch.finished.map(\.id.offset))
        #expect(durable.count == 4)
        let position = try #require(batch.positions.first)
        let snapshot = try #require(PartitionSnapshot(decoding: position.snapshot))
        #expect(position.nextOffset == snapshot.base)
        for offset in Int64(0)..<8 {
            let isDone = offset < snapshot.base || snapshot.finished.contains { $0.contains(offset) }
            #expect(isDone == durable.contains(offset))
            let isCalled = snapshot.started.contains { $0.contains(offset) }
            #expect(isCalled == (!isDone && offset % 2 == 0), "what was delivered is known as called")
        }
    }

    @Test func anAtMostOnceRequestThatIsLeftOutIsNotCalledByTheNextOwner() throws {
        let rig = Self.rig()
        Self.end(0..<6, rig, .atMostOnce)
        rig.fail(try #require(rig.takeCommit()))
        let batch = try #require(rig.takeCommit())
        rig.succeed(batch)
        let left = Set(Int64(0)..<6).subtracting(batch.finished.map(\.id.offset))
        #expect(left.count == 3)
        let next = Rig(restored: PartitionSnapshot(decoding: try #require(batch.positions.first).snapshot))
        for offset in Int64(0)..<6 {
            next.accept(next.request(to: "u:\(offset)", .messages, .atMostOnce, offset: offset))
        }
        next.commit()
        let endings = next.commit()
        #expect(next.calls.isEmpty)
        #expect(endings.isEmpty || Set(endings.keys) == left)
    }

    /// Seeded: batches fail and go through, requests end meanwhile; what each ledger says is what was durable with it.
    @Test(arguments: UInt64(0)..<30)
    func everyLedgerSaysWhatIsDurableWithIt(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let rig = Self.rig(partitions: 0..<3)
        var next: [Int32: Int64] = [:]
        var durable: [Int32: Set<Int64>] = [:]
        for _ in 0..<60 {
            let partition = Int32.random(in: 0..<3, using: &random)
            let from = next[partition, default: 0]
            let count = Int64.random(in: 0..<20, using: &random)
            Self.end(from..<from + count, in: partition, rig)
            next[partition] = from + count
            guard let batch = rig.takeCommit() else { continue }
            if Bool.random(using: &random) {
                rig.fail(batch)
                continue
            }
            for finished in batch.finished { durable[finished.id.partition, default: []].insert(finished.id.offset) }
            for position in batch.positions {
                let snapshot = try #require(PartitionSnapshot(decoding: position.snapshot))
                let told = (0..<next[position.partition, default: 0]).filter { offset in
                    offset < snapshot.base || snapshot.finished.contains { $0.contains(offset) }
                }
                #expect(Set(told) == durable[position.partition, default: []])
                #expect(position.nextOffset == nil || position.nextOffset == snapshot.base)
            }
            rig.succeed(batch)
        }
        while let batch = rig.takeCommit() {
            for finished in batch.finished { durable[finished.id.partition, default: []].insert(finished.id.offset) }
            rig.succeed(batch)
        }
        for (partition, count) in next { #expect(durable[partition, default: []] == Set(0..<count)) }
    }
}
