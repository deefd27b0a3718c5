import Testing

@testable import SendEngine

@Suite("The assigned partitions by their number", .timeLimit(.minutes(1)))
struct PartitionTableTests {
    private func partition(epoch: UInt64) -> Partition {
        Partition(epoch: epoch, ledger: OffsetLedger(), othersCalledUntil: .min, firstCommit: .due)
    }

    @Test("a partition is there from when it is put in to when it is taken out, and no other is")
    func places() {
        var table = PartitionTable()
        #expect(!table.contains(0) && !table.contains(-1) && table.count == 0)
        table.insert(partition(epoch: 1), at: 5)
        table.insert(partition(epoch: 2), at: 2)
        table[2].outstanding += 3
        #expect(table.contains(5) && table[5].epoch == 1 && table[2].outstanding == 3)
        #expect(!table.contains(3) && !table.contains(9) && table.count == 2)
        #expect(table.first { _ in true } == 2)
        #expect(table.first { $0.epoch == 1 } == 5)
        table.remove(2)
        table.remove(2)
        table.remove(70)
        #expect(!table.contains(2) && table.first { _ in true } == 5 && table.count == 1)
        table.insert(partition(epoch: 3), at: 2)
        #expect(table[2].epoch == 3 && table[2].outstanding == 0)
    }
}
