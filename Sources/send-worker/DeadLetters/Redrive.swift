import InstagramMessaging
import KafkaClient
import OperatorTools
import SendEngine
import SendWorker

/// Reads the dead-letter topic to its end, as it is when this begins, and publishes what the plan says.
struct Redrive: Sendable {
    /// What it came to.
    struct Outcome: Sendable {
        var tally = RedriveTally()
        /// The first of those that would be published.
        var samples: [DeadLetter] = []
        var isInterrupted = false
        /// Why it stopped before the end.
        var failure: String?
    }

    static let samples = 20

    let access: KafkaAccess
    let filter: OutcomeFilter
    let plan: RedrivePlan
    /// At most so many are published; nil for all.
    let limit: Int?
    /// In a second.
    let rate: Int
    let statePath: String
    /// False for a dry run.
    let publishes: Bool

    func run() async throws -> Outcome {
        let topics = access.configuration.topics
        let marks = try await access.watermarks(of: topics.deadLetters)
        let ends = try await access.watermarks(of: topics.requests).mapValues(\.high)
        let state = try RedriveState(path: statePath, topics: topics, isWritten: publishes)
        var work = RedriveWork(publishing: publishes ? try publisher(state) : nil, limit: limit)
        let starts = try await access.starts(in: topics.deadLetters, since: filter.since, marks: marks)
        let total = marks.count(from: starts)
        do {
            try await RedriveDoubt(access: access, state: state).settle()
            if publishes { try state.begin(topics: topics, ends: ends) }
            let ending = try await access.read(topics.deadLetters, from: starts) { records in
                for record in records {
                    try await work.take(record, verdict: { verdict(on: $0, state) })
                    work.showProgress(total: total)
                    if work.isDone { return false }
                }
                return true
            }
            if ending != .interrupted { try await work.finish() }
            work.outcome.isInterrupted = ending == .interrupted
        } catch is CancellationError {
            work.outcome.isInterrupted = true
        }
        await work.close()
        return work.outcome
    }

    /// Nil for what is not asked for.
    private func verdict(on letter: DeadLetter, _ state: RedriveState) -> RedrivePlan.Verdict? {
        guard filter.matches(letter) else { return nil }
        return plan.verdict(on: letter, isRedriven: state.journal.contains(letter), now: WorkerClock.system.now.wall)
    }

    private func publisher(_ state: RedriveState) throws -> RedrivePublisher {
        try RedrivePublisher(
            producer: KafkaProducer(configuration: access.kafka),
            topic: access.configuration.topics.requests,
            state: state,
            pace: Pace(rate: rate)
        )
    }
}
