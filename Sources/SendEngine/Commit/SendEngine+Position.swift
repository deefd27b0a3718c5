extension SendEngine {
    /// The state of one partition as a batch that is taken at this moment has it; nil for one that is not ours.
    ///
    /// Right after `takeCommit` it may be made durable together with that batch.
    package func position(of number: Int32) -> CommitBatch.Position? {
        guard let partition = partitions[number] else { return nil }
        return CommitBatch.Position(
            partition: number,
            epoch: partition.epoch,
            nextOffset: partition.ledger.nextOffset,
            snapshot: partition.ledger.snapshot().encoded()
        )
    }
}
