import CommandLineParser
import InstagramMessaging
import KafkaClient
import OperatorTools
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
