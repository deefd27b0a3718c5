import ArgumentParser
import InstagramMessaging
import KafkaClient
import SendWorker

/// `send-worker results`: shows results.
struct ResultsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "results",
        abstract: "Follow the results topic.",
        discussion: """
            Shows new results as they come, until it is interrupted. With --from it shows those that are there and ends, \
            unless --follow is given too. Only what is committed is shown.

              send-worker results --status failed --status unknown
              send-worker results --from beginning --json          all results so far
              send-worker results --from 2h --account 17841400000000001
              send-worker results --from beginning --follow --request-id order-4711 --limit 1
            """
    )

    @OptionGroup var options: ConfigurationOptions

    @OptionGroup(title: "Filters") var outcome: OutcomeOptions

    @Option(
        help: ArgumentHelp(
            "Begin here: beginning, end, an RFC 3339 moment, or how long ago, as in 2h.",
            valueName: "place"
        ),
        transform: ResultsStart.init
    )
    var from: ResultsStart?

    @Flag(help: "Go on with new results after those that are there.")
    var follow = false

    @Option(help: "End after so many results.")
    var limit: Int?

    @Flag(help: "Print each result as it is on the topic, one JSON object a line.")
    var json = false

    func validate() throws {
        try OptionText.check("--limit", limit)
    }

    func run() async throws {
        let access = try KafkaAccess(options)
        let show = ResultsShow(access: access, filter: filter, limit: limit, printsJSON: json)
        let isFollowing = follow || from == nil || from == .end
        let begin = from ?? .end
        let ending = try await Interruptible.run { try await show.run(from: begin, isFollowing: isFollowing) }
        if ending == .interrupted, !isFollowing { throw ExitCode.failure }
    }

    private var filter: OutcomeFilter {
        var filter = outcome.filter
        if case .moment(let moment) = from { filter.since = moment }
        return filter
    }
}
