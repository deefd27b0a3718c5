import InstagramMessaging
import KafkaClient
import OperatorTools
import SendWorker

/// A redrive under way: what was read, what waits to be published, and how far it has come.
struct RedriveWork {
    var outcome = Redrive.Outcome()
    private var publisher: RedrivePublisher?
    private let limit: Int?
    private var pending: [DeadLetter] = []
    private var progress = ProgressLine()

    /// - Parameter publishing: Nil for a dry run.
    init(publishing: RedrivePublisher?, limit: Int?) {
        publisher = publishing
        self.limit = limit
    }

    /// Whether nothing more is to be read.
    var isDone: Bool { outcome.failure != nil || limit.map { outcome.tally.wanted.total >= $0 } ?? false }

    /// Looks at a record, and publishes once a batch is full.
    ///
    /// - Parameter verdict: What is to be done with a dead letter; nil for one that was not asked for.
    mutating func take(_ record: KafkaRecord, verdict: (DeadLetter) -> RedrivePlan.Verdict?) async throws {
        outcome.tally.read += 1
        guard let letter = DeadLetter(record) else {
            outcome.tally.foreign += 1
            return
        }
        guard let verdict = verdict(letter) else { return }
        outcome.tally.selected += 1
        switch verdict {
        case .skip(let reason): outcome.tally.add(reason, letter)
        case .publish:
            outcome.tally.wanted.add(letter)
            if publisher != nil {
                pending.append(letter)
            } else if outcome.samples.count < Redrive.samples {
                outcome.samples.append(letter)
            }
            if let batch = publisher?.batch, pending.count >= batch { try await publish() }
        }
    }

    /// Publishes what is left.
    mutating func finish() async throws {
        if outcome.failure == nil { try await publish() }
    }

    mutating func showProgress(total: Int64) {
        let tally = outcome.tally
        let bar = ProgressLine.bar(Int64(tally.read), of: total)
        let counts = publisher == nil ? "\(tally.wanted.total) to publish" : "\(tally.published) published"
        progress.update("\(bar)  \(tally.read) of \(total) read, \(counts), \(tally.skippedTotal) left alone")
    }

    mutating func close() async {
        progress.clear()
        await publisher?.close()
    }

    private mutating func publish() async throws {
        guard !pending.isEmpty, var publisher else { return }
        let batch = pending
        // Keeps the pace over a cancellation too.
        defer { self.publisher = publisher }
        let answer = try await publisher.publish(batch)
        pending = []
        outcome.tally.published += answer.published
        outcome.failure = answer.failure
    }
}
