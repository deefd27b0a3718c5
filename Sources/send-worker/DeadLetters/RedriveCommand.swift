import ArgumentParser
import Foundation
import InstagramMessaging
import KafkaClient
import SendWorker

extension DeadLettersCommand {
    /// `send-worker dead-letters redrive`.
    struct RedriveCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "redrive",
            abstract: "Publish requests of dead letters again.",
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
                """
        )

        @OptionGroup var options: ConfigurationOptions

        @OptionGroup(title: "Filters") var wanted: DeadLetterOptions

        @Flag(help: "Do it. Without this, it only says what it would do.")
        var yes = false

        @Option(help: "Publish at most so many.")
        var limit: Int?

        @Option(help: "Publish at most so many in a second.")
        var rate = 20

        @Option(help: "Leave requests alone that were redriven so often already.")
        var maxRedrives = 3

        @Flag(help: "Publish requests with the status unknown too: people may get those messages twice.")
        var includeUnknown = false

        @Flag(
            name: .customLong("no-validate"),
            help: "Publish requests too that break the rules or come too late; the worker will answer them."
        )
        var noValidate = false

        @Option(
            help: ArgumentHelp(
                "The file that notes what was redriven.",
                discussion:
                    "By default redriven-<topic>.ndjson in $XDG_STATE_HOME/send-worker (~/.local/state/send-worker).",
                valueName: "file"
            ),
            completion: .file()
        )
        var state: String?

        func validate() throws {
            try OptionText.check("--limit", limit)
            try OptionText.check("--rate", rate, atMost: 100_000)
            try OptionText.check("--max-redrives", maxRedrives, atMost: 1_000)
        }

        func run() async throws {
            let access = try KafkaAccess(options)
            let topics = access.configuration.topics
            let path = try state ?? RedriveState.defaultPath(deadLetters: topics.deadLetters)
            let plan = RedrivePlan(
                decoder: RequestDecoder(worker: access.configuration),
                maximumRedrives: maxRedrives,
                includesUnknown: includeUnknown,
                skipsValidation: noValidate
            )
            let redrive = Redrive(
                access: access,
                filter: wanted.filter,
                plan: plan,
                limit: limit,
                rate: rate,
                statePath: path,
                publishes: yes
            )
            let outcome = try await Interruptible.run { try await redrive.run() }
            let report = RedriveReport(
                outcome: outcome,
                filter: wanted.filter,
                topics: topics,
                statePath: path,
                publishes: yes
            )
            Terminal.writeLines(report.lines)
            if let failure = outcome.failure { throw WorkerFailure(.failed, failure) }
            if outcome.isInterrupted { throw ExitCode.failure }
        }
    }
}
