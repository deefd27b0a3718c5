import InstagramMessaging
import KafkaClient
import OperatorTools
import SendWorker

/// The account of a redrive, done or planned, for a person.
struct RedriveReport {
    let outcome: Redrive.Outcome
    let filter: OutcomeFilter
    let topics: WorkerConfiguration.Topics
    let statePath: String
    let publishes: Bool

    var lines: [String] {
        let tally = outcome.tally
        if tally.selected == 0, !outcome.isInterrupted {
            return [SearchText.nothing(filter, read: tally.read, topic: topics.deadLetters)]
        }
        return (publishes ? publishedLines : plannedLines) + skipLines + (publishes ? endLines : commandLines)
    }

    private var plannedLines: [String] {
        let tally = outcome.tally
        var table = DeadLetterTable()
        var lines = table.lines(outcome.samples)
        let more = tally.wanted.total - outcome.samples.count
        if more > 0 { lines.append("... and \(more) more") }
        lines.append(
            "dry run: would publish \(tally.wanted.total) of \(tally.selected) dead letters to \(topics.requests)"
        )
        return lines + causeLines
    }

    private var publishedLines: [String] {
        let tally = outcome.tally
        return ["published \(tally.published) of \(tally.selected) dead letters to \(topics.requests)"] + causeLines
    }

    private var causeLines: [String] {
        outcome.tally.wanted.rows.map { cause, count in
            Self.counted(count, [cause.status, cause.category, cause.code.map { "code \($0)" }])
        }
    }

    private var skipLines: [String] {
        let tally = outcome.tally
        var lines: [String] = []
        if tally.foreign > 0 { lines.append("\(tally.foreign) records on \(topics.deadLetters) are no dead letters") }
        if tally.skippedTotal > 0 { lines.append("left alone: \(tally.skippedTotal)") }
        for reason in RedrivePlan.Skip.allCases {
            if let count = tally.skipped[reason] { lines.append(Self.counted(count, [text(reason)])) }
        }
        return lines
    }

    private var commandLines: [String] {
        if outcome.isInterrupted { return ["interrupted: not all dead letters were looked at"] }
        guard outcome.tally.wanted.total > 0 else { return [] }
        return ["to publish them:", "  \(CommandText.current) --yes"]
    }

    private var endLines: [String] {
        guard outcome.isInterrupted || outcome.failure != nil else { return [] }
        let reason = outcome.isInterrupted ? "interrupted" : "stopped"
        return ["\(reason) after \(outcome.tally.published); the same command goes on from there (\(statePath))"]
    }

    private func text(_ reason: RedrivePlan.Skip) -> String {
        switch reason {
        case .alreadyRedriven: return "redriven before (noted in \(statePath))"
        case .unknownOutcome: return "status unknown, may have been delivered (--include-unknown publishes them)"
        case .tooManyRedrives: return "redriven too often, look into them first (--max-redrives raises the limit)"
        case .expired: return "expires_at has passed (--no-validate publishes them, and the worker lets them expire)"
        case .outsideWindow: return "the messaging window has closed; the person has to write again"
        case .invalid:
            return "the request breaks the rules; correct it and publish it anew (--no-validate publishes it)"
        case .abridged:
            let named = outcome.tally.abridged
            let more = (outcome.tally.skipped[.abridged] ?? 0) > named.count ? ", ..." : ""
            return "too large to be kept; the originals stand at \(named.joined(separator: ", "))\(more)"
        }
    }

    private static func counted(_ count: Int, _ parts: [String?]) -> String {
        let number = String(count)
        return String(repeating: " ", count: max(8 - number.count, 0)) + number + "  "
            + parts.compactMap(\.self).joined(separator: " ")
    }
}

/// This process's own command, to be shown so that it can be given again.
private enum CommandText {
    /// Quoted for a shell; values of keys that are named like secrets are hidden.
    static var current: String {
        CommandLine.arguments.map { quoted(hidingSecret($0)) }.joined(separator: " ")
    }

    private static func hidingSecret(_ argument: String) -> String {
        let assignment = argument.hasPrefix("--set=") ? String(argument.dropFirst("--set=".count)) : argument
        guard let equals = assignment.firstIndex(of: "="), !assignment.hasPrefix("--"),
            KafkaConfiguration.isSecret(String(assignment[..<equals]))
        else { return argument }
        let kept = argument.count - assignment[equals...].count
        return argument.prefix(kept) + "=<hidden>"
    }

    private static func quoted(_ argument: String) -> String {
        let isPlain = argument.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
                || "-_./:=,+@%".utf8.contains(byte)
        }
        guard !isPlain || argument.isEmpty else { return argument }
        return "'" + argument.replacing("'", with: "'\\''") + "'"
    }
}
