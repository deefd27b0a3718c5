package import SendEngine

/// What the last owner of a partition left for the next one.
package struct RestoredPartition: Sendable {
    /// Which requests were finished or started; nil where there is no ledger that belongs to the committed offset.
    package var snapshot: PartitionSnapshot?
    /// What is to be remembered of accounts, by account id.
    package var accounts: [String: AccountMemory]
    /// The group's committed offset; nil where there is none.
    package var committed: Int64?

    package init(
        snapshot: PartitionSnapshot? = nil,
        accounts: [String: AccountMemory] = [:],
        committed: Int64? = nil
    ) {
        self.snapshot = snapshot
        self.accounts = accounts
        self.committed = committed
    }
}
