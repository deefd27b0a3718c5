package import InstagramMessaging
package import KafkaClient
package import SendEngine

/// Makes the records that tell the world how a request ended.
package struct TerminalRecords: Sendable {
    let resultsTopic: String
    let deadLettersTopic: String

    package init(resultsTopic: String, deadLettersTopic: String) {
        self.resultsTopic = resultsTopic
        self.deadLettersTopic = deadLettersTopic
    }

    /// The result as other programs will see it.
    package func result(for held: HeldRecord, ended termination: Termination) -> SendResult {
        SendResult(
            requestID: held.requestID,
            accountID: held.accountID,
            recipientID: termination.recipientID ?? held.recipientID,
            status: termination.status,
            messageID: termination.messageID,
            attempts: termination.attempts,
            possibleDuplicate: termination.possibleDuplicate,
            error: termination.error,
            receivedAt: Timestamp(millisecondsSinceEpoch: max(held.record.timestamp, 0)),
            completedAt: termination.completedAt,
            source: SendResult.Source(
                topic: held.record.topic,
                partition: held.record.partition,
                offset: held.record.offset
            ),
            context: held.context
        )
    }

    /// Of a request's own key no more becomes a result's.
    private static let longestKey = 1_024

    /// The record for the results topic, keyed by account, or as the request was where it named no account.
    package func resultRecord(for result: SendResult, of held: HeldRecord) -> ProducerRecord {
        ProducerRecord(
            topic: resultsTopic,
            key: result.accountID.map { Array($0.utf8) } ?? held.record.key.map { Array($0.prefix(Self.longestKey)) },
            value: result.encodedRecord(),
            headers: TraceHeaders.selected(from: held.record.headers)
        )
    }

    /// The record for the dead-letter topic: the request's own bytes, key and headers, and why it was not sent.
    package func deadLetterRecord(for result: SendResult, of held: HeldRecord) -> ProducerRecord {
        ProducerRecord(
            topic: deadLettersTopic,
            key: held.record.key,
            value: held.record.value,
            headers: deadLetterHeaders(for: result, of: held)
        )
    }

    private func deadLetterHeaders(for result: SendResult, of held: HeldRecord) -> [KafkaHeader] {
        let redrives = DeadLetterHeaders.redrives(held.record.headers.last { $0.name == "dlq-redrives" }?.value)
        let kept = held.record.headers.filter { !DeadLetterHeaders.contains($0.name) }
        let added = DeadLetterHeaders.headers(for: result, redrives: redrives)
        return kept + added.map { KafkaHeader(name: $0.name, value: $0.value) }
    }
}
