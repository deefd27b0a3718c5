import InstagramMessaging
package import KafkaClient
import SendWorker

/// Publishes requests of dead letters in batches, each noted before and after.
package struct RedrivePublisher {
    private let producer: KafkaProducer
    private let topic: String
    private let state: RedriveState
    private var pace: Pace
    private let started = ContinuousClock.now

    package init(producer: KafkaProducer, topic: String, state: RedriveState, pace: Pace) {
        self.producer = producer
        self.topic = topic
        self.state = state
        self.pace = pace
    }

    /// The number to publish at once.
    package var batch: Int { pace.batch }

    /// Waits for the pace, publishes, and returns when the brokers have acknowledged or refused each.
    ///
    /// - Returns: How many were acknowledged, and why the others were not.
    /// - Throws: `CancellationError` before anything was published; `WorkerFailure` where the file cannot be written.
    package mutating func publish(_ letters: [DeadLetter]) async throws -> (published: Int, failure: String?) {
        try await Task.sleep(for: pace.wait(before: letters.count, elapsed: .now - started))
        let records = letters.map { $0.redriveRecord(topic: topic) }
        let entries = zip(letters, records).map { RedriveJournal.Entry($0, becoming: $1) }
        try state.intend(entries)
        var done: [RedriveJournal.Entry] = []
        var failure: KafkaError?
        for (entry, answer) in zip(entries, await producer.publish(records)) {
            switch answer {
            case .success: done.append(entry)
            case .failure(let error): failure = failure ?? error
            }
        }
        try state.finish(done)
        guard let failure else { return (done.count, nil) }
        let text =
            "\(entries.count - done.count) requests were not acknowledged (\(failure)); whether they were published is looked"
            + " up when the command is given again"
        return (done.count, text)
    }

    package func close() async { await producer.close(timeout: .seconds(10)) }
}

extension DeadLetter {
    /// The record that puts the request back on the requests topic: its own key, value and headers, and `dlq-redrives`
    /// one higher. No other `dlq-` header is kept.
    package func redriveRecord(topic: String) -> ProducerRecord {
        let own = record.headers.filter { !$0.name.utf8.starts(with: "dlq-".utf8) }
        let count = KafkaHeader(name: "dlq-redrives", value: Array(String(redrives + 1).utf8))
        return ProducerRecord(topic: topic, key: record.key, value: record.value, headers: own + [count])
    }
}
