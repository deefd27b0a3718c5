/// What librdkafka or a broker answered in place of what was asked for.
package struct KafkaError: Error, Sendable, Hashable {
    /// The number: positive codes are the Kafka protocol's, negative ones librdkafka's own.
    package var code: Int32
    /// The code's name; librdkafka's own begin with an underscore, as in `_TRANSPORT`.
    package var name: String
    /// What went wrong, in librdkafka's or the broker's words.
    package var message: String
    /// What was being done.
    package var operation: String
    /// The client cannot be used any more.
    package var isFatal: Bool
    /// The same call may succeed when it is made again.
    package var isRetriable: Bool
    /// The transaction under way must be aborted; the producer can go on after that.
    package var requiresAbort: Bool

    package init(
        code: Int32,
        name: String,
        message: String,
        operation: String,
        isFatal: Bool = false,
        isRetriable: Bool = false,
        requiresAbort: Bool = false
    ) {
        self.code = code
        self.name = name
        self.message = message
        self.operation = operation
        self.isFatal = isFatal
        self.isRetriable = isRetriable
        self.requiresAbort = requiresAbort
    }

    /// Nobody answered in time: whether it was done is not known.
    package var isTimeout: Bool {
        [Code.timedOut, Code.messageTimedOut, Code.queueTimedOut, Code.requestTimedOut].contains(code)
    }

    /// Another member or producer has taken this one's place.
    package var isFenced: Bool {
        [Code.fenced, Code.producerFenced, Code.invalidProducerEpoch, Code.fencedInstanceID].contains(code)
    }

    /// The record is larger than the client's or the topic's limit: the same record will never pass.
    package var isMessageTooLarge: Bool {
        [Code.messageTooLarge, Code.recordListTooLarge].contains(code)
    }

    /// As far as the brokers, or this client's picture of them, go there is no such topic or partition.
    package var isUnknownPartition: Bool {
        [Code.unknownTopic, Code.unknownLocalTopic, Code.unknownLocalPartition].contains(code)
    }

    /// The broker that was asked does not lead the partition yet, or no more; another one does in a moment.
    package var isBetweenLeaders: Bool {
        [Code.notLeader, Code.leaderNotAvailable].contains(code)
    }

    /// The partitions belong to somebody else by now.
    package var isAssignmentLost: Bool {
        [Code.assignmentLost, Code.illegalGeneration, Code.unknownMember].contains(code)
    }
}

extension KafkaError: CustomStringConvertible {
    package var description: String {
        var traits: [String] = []
        if isFatal { traits.append("fatal") }
        if requiresAbort { traits.append("abort the transaction") }
        if isRetriable { traits.append("may be tried again") }
        let suffix = traits.isEmpty ? "" : " (\(traits.joined(separator: ", ")))"
        return "\(operation): \(name): \(message)\(suffix)"
    }
}
