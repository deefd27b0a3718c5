internal import SendEngine

extension ModelRequest.Key {
    /// The engine's name of the record in an assignment.
    func id(epoch: UInt64) -> RecordID { RecordID(partition: partition, offset: offset, epoch: epoch) }
}
