package import SendEngine

/// What the last owner of a partition left for the next one.
package struct RestoredPartition: Sendable {
    /// Which requests were finished or started; nil where nothing is known of them.
    package var snapshot: PartitionSnapshot?
    /// What is to be remembered of accounts, by account id.
    package var accounts: [String: AccountMemory]
    /// The group's committed offset; nil where there is none.
    package var committed: Int64?
    /// Where to begin; nil at the committed offset, or where the log begins.
    package var position: Int64?
    /// How many requests before that were deleted before anybody had read them.
    package var deletedUnread: Int64 = 0
    /// The newest timestamp of a request that was read, in milliseconds; nil where that is not known.
    package var newestRead: Int64?

    package init(
        snapshot: PartitionSnapshot? = nil,
        accounts: [String: AccountMemory] = [:],
        committed: Int64? = nil,
        position: Int64? = nil
    ) {
        self.snapshot = snapshot
        self.accounts = accounts
        self.committed = committed
        self.position = position
    }
}
