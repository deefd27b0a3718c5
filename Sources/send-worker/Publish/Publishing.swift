import KafkaClient
import OperatorTools
import SendWorker

/// Publishes records, at a rate where one is given.
struct Publishing: Sendable {
    /// What became of the records.
    struct Outcome: Sendable {
        /// The acknowledged ones: which, and where they stand.
        var places: [(index: Int, place: WrittenPlace)] = []
        var failures: [KafkaError] = []
        var isInterrupted = false
    }

    let access: KafkaAccess
    let rate: Int?

    /// Publishes until the end, or until the task is cancelled: then what is under way is still acknowledged.
    func run(_ records: [ProducerRecord]) async throws -> Outcome {
        let producer = try KafkaProducer(configuration: access.kafka)
        var outcome = Outcome()
        var pace = Pace(rate: rate)
        var progress = ProgressLine()
        let started = ContinuousClock.now
        for start in stride(from: 0, to: records.count, by: pace.batch) {
            let end = min(start + pace.batch, records.count)
            do {
                try await Task.sleep(for: pace.wait(before: end - start, elapsed: .now - started))
            } catch {
                outcome.isInterrupted = true
                break
            }
            for (index, answer) in await producer.publishAndLocate(Array(records[start..<end])).enumerated() {
                switch answer {
                case .success(let place): outcome.places.append((start + index, place))
                case .failure(let error): outcome.failures.append(error)
                }
            }
            progress.update(
                "\(ProgressLine.bar(Int64(end), of: Int64(records.count)))  \(end) of \(records.count) published"
            )
        }
        progress.clear()
        await producer.close(timeout: .seconds(10))
        return outcome
    }
}
