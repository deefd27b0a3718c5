import InstagramMessaging
import KafkaClient
import OperatorTools
import SendWorker

/// Finds out what became of dead letters that an earlier run was about to publish when it was cut off.
struct RedriveDoubt {
    let access: KafkaAccess
    let state: RedriveState

    /// Looks for them on the requests topic and notes those that are there.
    ///
    /// - Throws: `WorkerFailure` where the requests topic does not reach back to that run, `CancellationError`.
    func settle() async throws {
        let journal = state.journal
        guard !journal.doubtful.isEmpty, let topics = journal.topics else { return }
        Terminal.complain(
            "an earlier run was cut off: looking for \(journal.doubtful.count) of its requests on \(topics.requests)"
        )
        let marks = try await access.watermarks(of: topics.requests)
        guard journal.ends.allSatisfy({ partition, end in marks[partition].map { $0.low <= end } ?? false }) else {
            throw WorkerFailure(
                .failed,
                "whether \(journal.doubtful.count) dead letters were published again cannot be told any more: \(topics.requests)"
                    + " does not reach back to that run; look for their results, and name another file with --state to go on"
            )
        }
        var found: [String: Int] = [:]
        let starts = marks.keys.map { ($0, journal.ends[$0]) }
        let ending = try await access.read(topics.requests, from: Dictionary(uniqueKeysWithValues: starts)) { records in
            for record in records {
                if let fingerprint = RedriveFingerprint.of(record) { found[fingerprint, default: 0] += 1 }
            }
            return true
        }
        if ending == .interrupted { throw CancellationError() }
        try state.finish(journal.published(given: found))
    }
}
