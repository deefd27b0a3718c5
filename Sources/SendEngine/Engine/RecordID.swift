/// Names a record of the requests topic within one assignment of its partition.
package struct RecordID: Sendable, Hashable {
    package var partition: Int32
    package var offset: Int64
    /// The number of the assignment; events of an older one are ignored.
    package var epoch: UInt64

    package init(partition: Int32, offset: Int64, epoch: UInt64) {
        self.partition = partition
        self.offset = offset
        self.epoch = epoch
    }
}
