import CommandLineParser
import KafkaClient
import OperatorTools
import SendWorker

extension DeadLettersCommand {
    /// `send-worker dead-letters list`.
    struct ListCommand: Command {
        private static let limit = Option<Int?>(
            "--limit",
            help: "Only so many of the newest; with --follow: end after so many."
        )
        private static let follow = Flag("--follow", help: "Go on with new dead letters, until it is interrupted.")
        private static let counts = Flag(
            "--counts",
            help: "Print how many there are of each status, category and code."
        )
        private static let json = Flag("--json", help: "Print one JSON object for each dead letter, with its request.")

        static let declaration = CommandDeclaration(
            "list",
            summary: "Show dead letters.",
            discussion: """
                Reads the dead-letter topic to its end; filters of different kinds are joined by "and". The table is in the \
                order of time (a long one in blocks), --json in the order of the topic.

                  send-worker dead-letters list --since 2h --limit 20
                  send-worker dead-letters list --status failed --status unknown --account 17841400000000001
                  send-worker dead-letters list --code 190 --json | jq .request
                  send-worker dead-letters list --follow
                """,
            parameters: [
                ConfigurationOptions.group, DeadLetterOptions.group.titled("Filters"), limit, follow, counts, json,
            ],
            command: ListCommand.init
        )

        private let options: ConfigurationOptions
        private let wanted: DeadLetterOptions
        private let limit: Int?
        private let follows: Bool
        private let counts: Bool
        private let printsJSON: Bool

        init(_ values: ParsedValues) throws {
            options = ConfigurationOptions(values)
            wanted = try DeadLetterOptions(values)
            limit = values[Self.limit]
            follows = values[Self.follow]
            counts = values[Self.counts]
            printsJSON = values[Self.json]
            try OptionText.check("--limit", limit, atMost: 100_000)
            if counts, follows || limit != nil {
                throw UsageError("--counts counts all that there are; leave --follow and --limit out")
            }
        }

        func run() async throws {
            let access = try KafkaAccess(options)
            let form: Listing.Form = counts ? .counts : follows ? .stream : limit.map { .newest($0) } ?? .blocks
            let run = ListRun(
                access: access,
                filter: wanted.filter,
                form: form,
                end: follows ? limit : nil,
                isFollowing: follows,
                printsJSON: printsJSON
            )
            let ending = try await Interruptible.run { try await run.run() }
            if ending == .interrupted, !follows { throw ExitStatus.failure }
        }
    }
}
