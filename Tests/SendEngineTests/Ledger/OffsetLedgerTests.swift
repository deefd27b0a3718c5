import Testing

@testable import SendEngine

@Suite struct OffsetLedgerTests {
    @Test func `the offset to commit is the lowest unfinished seen one, whatever the gaps`() {
        var ledger = OffsetLedger()
        #expect(ledger.nextOffset == nil)
        for (slot, offset) in [Int64(10), 12, 17, 30].enumerated() { ledger.add(offset, request: Int32(slot)) }
        #expect(ledger.nextOffset == 10)
        ledger.finish(12)
        #expect(ledger.nextOffset == 10)
        ledger.finish(10)
        #expect(ledger.nextOffset == 17)
        ledger.finish(30)
        ledger.finish(17)
        #expect(ledger.nextOffset == 31)
        #expect(ledger.unfinished == 0)
    }

    @Test func `an offset that was seen is not new again`() {
        var ledger = OffsetLedger()
        ledger.add(5, request: 0)
        ledger.addFinished(8)
        for offset in Int64(0)...8 { #expect(ledger.admission(of: offset) == .seen) }
        #expect(ledger.admission(of: 9) == .new)
    }

    @Test func `what an earlier owner knew is known, and stays known until it has been read`() {
        let restored = PartitionSnapshot(base: 3, finished: [5..<7, 20..<22], started: [4..<5, 30..<31])
        var ledger = OffsetLedger(restored: restored)
        let expected: [(Int64, OffsetLedger.Admission)] = [
            (2, .seen), (3, .new), (4, .startedBefore(again: false)), (5, .finishedBefore), (6, .finishedBefore),
            (7, .new),
            (30, .startedBefore(again: false)),
        ]
        for (offset, admission) in expected { #expect(ledger.admission(of: offset) == admission) }
        ledger.add(3, request: 0)
        ledger.add(4, request: 1)
        ledger.markStarted(4, again: false)
        ledger.addFinished(5)
        ledger.finish(3)
        #expect(
            ledger.snapshot()
                == PartitionSnapshot(base: 4, finished: [5..<7, 20..<22], started: [4..<5, 30..<31])
        )
    }

    @Test(arguments: 1...30)
    func `the ledger agrees with a plain model and stays small`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var ledger = OffsetLedger()
        var unfinished: Set<Int64> = []
        var finished: Set<Int64> = []
        var offset: Int64 = 0
        for step in 0..<4_000 {
            if Bool.random(using: &random), unfinished.count < 50 {
                offset += Int64.random(in: 1...3, using: &random)
                ledger.add(offset, request: Int32(step))
                unfinished.insert(offset)
            } else if let one = unfinished.sorted().dropFirst(unfinished.count > 5 ? 1 : 0).randomElement(
                using: &random
            ) {
                ledger.finish(one)
                unfinished.remove(one)
                finished.insert(one)
            }
            #expect(ledger.nextOffset == (unfinished.min() ?? (offset > 0 ? offset + 1 : nil)))
            #expect(ledger.unfinished == unfinished.count)
            guard step % 100 == 0 else { continue }
            let snapshot = ledger.snapshot()
            #expect(unfinished.allSatisfy { !snapshot.finished.covers($0) })
            #expect(finished.allSatisfy { $0 < snapshot.base || snapshot.finished.covers($0) })
            #expect(PartitionSnapshot(decoding: snapshot.encoded()) == snapshot)
            #expect(snapshot.finished.count <= unfinished.count + 1)
        }
    }
}
