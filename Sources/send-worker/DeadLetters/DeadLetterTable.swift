import InstagramMessaging
import KafkaClient
import OperatorTools
import SendWorker

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
