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

/// The place at which `results` begins.
private enum ResultsStart: Sendable, Hashable {
    case beginning
    case end
    case moment(Timestamp)

    init(_ text: String) throws {
        switch text {
        case "beginning": self = .beginning
        case "end": self = .end
        default:
            guard let moment = try? OptionText.moment(text) else {
                throw UsageError(
                    "\"\(text)\" is no place to begin; write beginning, end, a moment like 2026-11-21T08:00:00Z, or how"
                        + " long ago, as in 2h"
                )
            }
            self = .moment(moment)
        }
    }
}

/// Reads the results topic and prints what is wanted.
private struct ResultsShow: Sendable {
    let access: KafkaAccess
    let filter: OutcomeFilter
    let limit: Int?
    let printsJSON: Bool

    func run(from begin: ResultsStart, isFollowing: Bool) async throws -> KafkaAccess.Ending {
        let topic = access.configuration.topics.results
        let marks = try await access.watermarks(of: topic)
        let starts =
            begin == .end
            ? marks.mapValues { Optional($0.high) }
            : try await access.starts(in: topic, since: filter.since, marks: marks)
        let total = marks.count(from: starts)
        var progress = ProgressLine()
        var read: Int64 = 0
        var shown = 0
        let ending = try await access.read(topic, from: starts, isFollowing: isFollowing) { records in
            read += Int64(records.count)
            var lines = records.compactMap(line)
            if let limit { lines = Array(lines.prefix(limit - shown)) }
            shown += lines.count
            if !lines.isEmpty { progress.clear() }
            try Terminal.writeLines(lines)
            if !isFollowing { progress.update("\(ProgressLine.bar(read, of: total))  \(read) read, \(shown) match") }
            return limit.map { shown < $0 } ?? true
        }
        progress.clear()
        if shown == 0, ending == .atEnd {
            let wanted = filter.description.map { " with \($0)" } ?? ""
            Terminal.complain("no result\(wanted) among the \(read) on \(topic)")
        }
        return ending
    }

    private func line(for record: KafkaRecord) -> String? {
        guard let value = record.value else { return nil }
        guard let result = try? SendResult(decoding: value) else {
            Terminal.complain("\(record.topic)/\(record.partition)@\(record.offset) is not a result and is passed over")
            return nil
        }
        guard filter.matches(result) else { return nil }
        return printsJSON ? String(decoding: value, as: UTF8.self) : ResultLine.text(result)
    }
}

/// A result in one line for a person.
enum ResultLine {
    static func text(_ result: SendResult) -> String {
        var parts = [
            result.completedAt.rfc3339,
            result.status.rawValue.padding(to: 8),
            result.requestID ?? "-",
            "account=\(result.accountID ?? "-")",
            "attempts=\(result.attempts)",
        ]
        if let messageID = result.messageID { parts.append("message=\(messageID)") }
        if result.possibleDuplicate { parts.append("possible_duplicate") }
        if let error = result.error {
            let code = error.code.map { " \($0)" } ?? ""
            parts.append("\(error.category.rawValue)\(code): \(error.message)")
        }
        return parts.joined(separator: "  ")
    }
}
