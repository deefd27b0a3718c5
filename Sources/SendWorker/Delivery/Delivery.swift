package import InstagramMessaging
package import KafkaClient
package import SendEngine

/// Everything that one commit has to make durable in Kafka.
package struct Delivery: Sendable {
    /// The end of one request: its result and, unless it was sent, its dead letter.
    package struct Ending: Sendable {
        package var result: SendResult
        package var held: HeldRecord

        package init(result: SendResult, held: HeldRecord) {
            self.result = result
            self.held = held
        }
    }

    package var number: UInt64
    package var endings: [Ending]
    /// The offset to commit for each partition of the requests topic.
    package var offsets: [TopicPartition: Int64]
    /// The encoded ledger of each partition that has news, by the partition's number.
    package var ledgers: [Int32: [UInt8]]
    /// What is to be remembered of accounts from now on, or no longer.
    package var accounts: [CommitBatch.AccountState]
    /// The assignment that each partition in it was made for: it must not be made durable for a later one.
    package var epochs: [TopicPartition: UInt64]
    /// The offsets that are committed as far as is known; a partition without one is left out.
    package var committedBefore: [Int32: Int64]
    /// The newest timestamp of a request that was read of each partition, in milliseconds.
    package var newestRead: [Int32: Int64] = [:]

    package init(
        number: UInt64,
        endings: [Ending],
        offsets: [TopicPartition: Int64],
        ledgers: [Int32: [UInt8]] = [:],
        accounts: [CommitBatch.AccountState] = [],
        epochs: [TopicPartition: UInt64] = [:],
        committedBefore: [Int32: Int64] = [:]
    ) {
        self.number = number
        self.endings = endings
        self.offsets = offsets
        self.ledgers = ledgers
        self.accounts = accounts
        self.epochs = epochs
        self.committedBefore = committedBefore
    }
}
