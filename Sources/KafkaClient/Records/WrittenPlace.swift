/// Where a record was written on its topic.
package struct WrittenPlace: Sendable, Hashable {
    package var partition: Int32
    package var offset: Int64

    package init(partition: Int32, offset: Int64) {
        self.partition = partition
        self.offset = offset
    }
}
