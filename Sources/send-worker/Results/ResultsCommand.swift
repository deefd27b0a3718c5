import CommandLineParser
import InstagramMessaging
import KafkaClient
import OperatorTools
import SendWorker

/// `send-worker results`: shows results.
struct ResultsCommand: Command {
    private static let from = Option<ResultsStart?>(
        "--from",
        help: ParameterHelp(
            "Begin here: beginning, end, an RFC 3339 moment, or how long ago, as in 2h.",
            valueName: "place"
        ),
        completion: .list(["beginning", "end"]),
        transform: ResultsStart.init
    )
    private static let follow = Flag("--follow", help: "Go on with new results after those that are there.")
    private static let limit = Option<Int?>("--limit", help: "End after so many results.")
    private static let json = Flag("--json", help: "Print each result as it is on the topic, one JSON object a line.")

    static let declaration = CommandDeclaration(
        "results",
        summary: "Follow the results topic.",
        discussion: """
            Shows new results as they come, until it is interrupted. With --from it shows those that are there and ends, \
            unless --follow is given too. Only what is committed is shown.

              send-worker results --status failed --status unknown
              send-worker results --from beginning --json          all results so far
              send-worker results --from 2h --account 17841400000000001
              send-worker results --from beginning --follow --request-id order-4711 --limit 1
            """,
        parameters: [ConfigurationOptions.group, OutcomeOptions.group.titled("Filters"), from, follow, limit, json],
        command: ResultsCommand.init
    )

    private let options: ConfigurationOptions
    private let outcome: OutcomeOptions
    private let from: ResultsStart?
    private let follows: Bool
    private let limit: Int?
    private let printsJSON: Bool

    init(_ values: ParsedValues) throws {
        options = ConfigurationOptions(values)
        outcome = OutcomeOptions(values)
        from = values[Self.from]
        follows = values[Self.follow]
        limit = values[Self.limit]
        printsJSON = values[Self.json]
        try OptionText.check("--limit", limit)
    }

    func run() async throws {
        let access = try KafkaAccess(options)
        let show = ResultsShow(access: access, filter: filter, limit: limit, printsJSON: printsJSON)
        let isFollowing = follows || from == nil || from == .end
        let begin = from ?? .end
        let ending = try await Interruptible.run { try await show.run(from: begin, isFollowing: isFollowing) }
        if ending == .interrupted, !isFollowing { throw ExitStatus.failure }
    }

    private var filter: OutcomeFilter {
        var filter = outcome.filter
        if case .moment(let moment) = from { filter.since = moment }
        return filter
    }
}
