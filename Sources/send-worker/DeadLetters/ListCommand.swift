import ArgumentParser
import KafkaClient
import SendWorker

extension DeadLettersCommand {
    /// `send-worker dead-letters list`.
    struct ListCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "Show dead letters.",
            discussion: """
                Reads the dead-letter topic to its end; filters of different kinds are joined by "and". The table is in the \
                order of time (a long one in blocks), --json in the order of the topic.

                  send-worker dead-letters list --since 2h --limit 20
                  send-worker dead-letters list --status failed --status unknown --account 17841400000000001
                  send-worker dead-letters list --code 190 --json | jq .request
                  send-worker dead-letters list --follow
                """
        )

        @OptionGroup var options: ConfigurationOptions

        @OptionGroup(title: "Filters") var wanted: DeadLetterOptions

        @Option(help: "Only so many of the newest; with --follow: end after so many.")
        var limit: Int?

        @Flag(help: "Go on with new dead letters, until it is interrupted.")
        var follow = false

        @Flag(help: "Print how many there are of each status, category and code.")
        var counts = false

        @Flag(help: "Print one JSON object for each dead letter, with its request.")
        var json = false

        func validate() throws {
            try OptionText.check("--limit", limit, atMost: 100_000)
            if counts, follow || limit != nil {
                throw ValidationError("--counts counts all that there are; leave --follow and --limit out")
            }
        }

        func run() async throws {
            let access = try KafkaAccess(options)
            let form: Listing.Form = counts ? .counts : follow ? .stream : limit.map { .newest($0) } ?? .blocks
            let run = ListRun(
                access: access,
                filter: wanted.filter,
                form: form,
                end: follow ? limit : nil,
                isFollowing: follow,
                printsJSON: json
            )
            let ending = try await Interruptible.run { try await run.run() }
            if ending == .interrupted, !follow { throw ExitCode.failure }
        }
    }
}
