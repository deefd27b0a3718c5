import CommandLineParser
import InstagramMessaging
import KafkaClient
import OperatorTools
import SendEngine
import SendWorker

extension DeadLettersCommand {
    /// `send-worker dead-letters redrive`.
    struct RedriveCommand: Command {
        private static let yes = Flag("--yes", help: "Do it. Without this, it only says what it would do.")
        private static let limit = Option<Int?>("--limit", help: "Publish at most so many.")
        private static let rate = Option("--rate", default: 20, help: "Publish at most so many in a second.")
        private static let maxRedrives = Option(
            "--max-redrives",
            default: 3,
            help: "Leave requests alone that were redriven so often already."
        )
        private static let includeUnknown = Flag(
            "--include-unknown",
            help: "Publish requests with the status unknown too: people may get those messages twice."
        )
        private static let noValidate = Flag(
            "--no-validate",
            help: "Publish requests too that break the rules or come too late; the worker will answer them."
        )
        private static let state = Option<String?>(
            "--state",
            help: ParameterHelp(
                "The file that notes what was redriven.",
                discussion:
                    "By default redriven-<topic>.ndjson in $XDG_STATE_HOME/send-worker (~/.local/state/send-worker).",
                valueName: "file"
            ),
            completion: .files()
        )

        static let declaration = CommandDeclaration(
            "redrive",
            summary: "Publish requests of dead letters again.",
            discussion: """
                Without --yes nothing is published: it says what would be, what would be left alone and why.

                  send-worker dead-letters redrive --category token --since 1d
                  send-worker dead-letters redrive --category token --since 1d --yes
                  send-worker dead-letters redrive --request-id order-4711 --yes

                Each request keeps its key, its bytes and its headers; dlq-redrives counts how often it went round. What was \
                published is noted in a file, so that the same command can be given again after an interruption or for what \
                has come since, with the same filters or others: no dead letter is published twice. Left alone are requests \
                that may have been delivered (status unknown), that are too late, that break the rules, that went round \
                --max-redrives times, and those whose bytes were too large to be kept.
                """,
            parameters: [
                ConfigurationOptions.group, DeadLetterOptions.group.titled("Filters"), yes, limit, rate, maxRedrives,
                includeUnknown, noValidate, state,
            ],
            command: RedriveCommand.init
        )

        private let options: ConfigurationOptions
        private let wanted: DeadLetterOptions
        private let isConfirmed: Bool
        private let limit: Int?
        private let rate: Int
        private let maximumRedrives: Int
        private let includesUnknown: Bool
        private let skipsValidation: Bool
        private let statePath: String?

        init(_ values: ParsedValues) throws {
            options = ConfigurationOptions(values)
            wanted = try DeadLetterOptions(values)
            isConfirmed = values[Self.yes]
            limit = values[Self.limit]
            rate = values[Self.rate]
            maximumRedrives = values[Self.maxRedrives]
            includesUnknown = values[Self.includeUnknown]
            skipsValidation = values[Self.noValidate]
            statePath = values[Self.state]
            try OptionText.check("--limit", limit)
            try OptionText.check("--rate", rate, atMost: 100_000)
            try OptionText.check("--max-redrives", maximumRedrives, atMost: 1_000)
        }

        func run() async throws {
            let access = try KafkaAccess(options)
            let topics = access.configuration.topics
            let path = try statePath ?? RedriveState.defaultPath(deadLetters: topics.deadLetters)
            let plan = RedrivePlan(
                decoder: RequestDecoder(worker: access.configuration),
                maximumRedrives: maximumRedrives,
                includesUnknown: includesUnknown,
                skipsValidation: skipsValidation
            )
            let redrive = Redrive(
                access: access,
                filter: wanted.filter,
                plan: plan,
                limit: limit,
                rate: rate,
                statePath: path,
                publishes: isConfirmed
            )
            let outcome = try await Interruptible.run { try await redrive.run() }
            let report = RedriveReport(
                outcome: outcome,
                filter: wanted.filter,
                topics: topics,
                statePath: path,
                publishes: isConfirmed
            )
            try Terminal.writeLines(report.lines)
            if let failure = outcome.failure { throw WorkerFailure(.failed, failure) }
            if outcome.isInterrupted { throw ExitStatus.failure }
        }
    }
}

/// Reads the dead-letter topic to its end, as it is when this begins, and publishes what the plan says.
struct Redrive: Sendable {
    /// The result of a redrive.
    struct Outcome: Sendable {
        var tally = RedriveTally()
        /// The first of those that would be published.
        var samples: [DeadLetter] = []
        var isInterrupted = false
        /// The reason why it stopped before the end.
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

/// A redrive under way: what was read, what waits to be published, and how far it has come.
private struct RedriveWork {
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

/// Finds out what became of dead letters that an earlier run was about to publish when it was cut off.
private struct RedriveDoubt {
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
