import CommandLineParser
import InstagramMessaging
import KafkaClient
import OperatorTools
import SendWorker

/// `send-worker dead-letters`: what could not be sent.
enum DeadLettersCommand {
    static let declaration = CommandDeclaration(
        "dead-letters",
        summary: "Look at what could not be sent, and publish it again.",
        discussion: """
              send-worker dead-letters list --counts            what goes wrong, and how often
              send-worker dead-letters list --category token    which requests
              send-worker dead-letters redrive --category token what publishing them again would do
            """,
        subcommands: [ListCommand.declaration, RedriveCommand.declaration]
    )
}

/// Dead letters as rows.
struct DeadLetterTable {
    private var table = Table([
        "TIME", "STATUS", "CATEGORY", "CODE", "ACCOUNT", "REQUEST ID", "ATTEMPTS", "REDRIVES", "AT", "MESSAGE",
    ])

    mutating func lines(_ letters: [DeadLetter]) -> [String] {
        table.lines(
            letters.map { letter in
                [
                    letter.time.rfc3339, letter.status.rawValue, letter.category ?? "-", Self.code(letter.code),
                    letter.accountID ?? "-", letter.requestID ?? "-", String(letter.attempts), String(letter.redrives),
                    "\(letter.record.partition)@\(letter.record.offset)", letter.message ?? "-",
                ]
            }
        )
    }

    /// Counts by cause.
    static func lines(_ counts: DeadLetterCounts) -> [String] {
        var table = Table(["COUNT", "STATUS", "CATEGORY", "CODE"])
        let rows = counts.rows.map { cause, count in
            [String(count), cause.status, cause.category ?? "-", code(cause.code)]
        }
        return table.lines(rows) + ["\(counts.total) in all"]
    }

    private static func code(_ code: Int?) -> String { code.map(String.init) ?? "-" }
}

/// The account of a search without a match, for a person.
enum SearchText {
    /// - Parameter read: How many were read: what is older than was asked for is not.
    static func nothing(_ filter: OutcomeFilter, read: Int, topic: String) -> String {
        guard read > 0 || filter.since != nil else { return "there is no dead letter on \(topic)" }
        return "no dead letter\(filter.description.map { " with \($0)" } ?? "") among the \(read) on \(topic)"
    }
}
