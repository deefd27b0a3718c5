import CommandLineParser
import InstagramMessaging
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

/// Reads the dead-letter topic and prints what is wanted.
private struct ListRun: Sendable {
    let access: KafkaAccess
    let filter: OutcomeFilter
    let form: Listing.Form
    /// End after so many; nil for never.
    let end: Int?
    let isFollowing: Bool
    let printsJSON: Bool

    func run() async throws -> KafkaAccess.Ending {
        let topic = access.configuration.topics.deadLetters
        let marks = try await access.watermarks(of: topic)
        let starts = try await access.starts(in: topic, since: filter.since, marks: marks)
        let total = marks.count(from: starts)
        var listing = Listing(form: form, printsJSON: printsJSON)
        var progress = ProgressLine()
        var read = 0
        let ending = try await access.read(topic, from: starts, isFollowing: isFollowing) {
            records in
            read += records.count
            var matching = letters(in: records)
            if let end { matching = Array(matching.prefix(end - listing.count)) }
            let lines = listing.take(matching)
            if !lines.isEmpty { progress.clear() }
            try Terminal.writeLines(lines)
            if !isFollowing {
                progress.update("\(ProgressLine.bar(Int64(read), of: total))  \(read) read, \(listing.count) match")
            }
            return end.map { listing.count < $0 } ?? true
        }
        progress.clear()
        try Terminal.writeLines(listing.finish())
        if listing.count == 0, ending == .atEnd {
            Terminal.complain(SearchText.nothing(filter, read: read, topic: topic))
        }
        return ending
    }

    private func letters(in records: [KafkaRecord]) -> [DeadLetter] {
        records.compactMap { record in
            guard let letter = DeadLetter(record) else {
                Terminal.complain(
                    "\(record.topic)/\(record.partition)@\(record.offset) is no dead letter and is passed over:"
                        + " it has no dlq-status header"
                )
                return nil
            }
            return filter.matches(letter) ? letter : nil
        }
    }
}

/// Turns dead letters into what is printed of them. Memory is bounded by a block, or by what was asked for.
private struct Listing {
    /// The order and extent of what is printed.
    enum Form: Sendable, Hashable {
        /// As they come.
        case stream
        /// All, each block in the order of time.
        case blocks
        /// The newest, in the order of time.
        case newest(Int)
        /// The number of dead letters of each cause.
        case counts
    }

    private static let block = 5_000

    private let form: Form
    private let printsJSON: Bool
    private var table = DeadLetterTable()
    private var kept: [DeadLetter] = []
    private var counts = DeadLetterCounts()

    init(form: Form, printsJSON: Bool) {
        // JSON is for programs: they can sort, and lines should come at once.
        self.form = printsJSON && form == .blocks ? .stream : form
        self.printsJSON = printsJSON
    }

    /// The number of dead letters that have come.
    var count: Int { counts.total }

    /// The lines that can be printed now.
    mutating func take(_ letters: [DeadLetter]) -> [String] {
        for letter in letters { counts.add(letter) }
        switch form {
        case .counts: return []
        case .stream: return lines(letters)
        case .blocks:
            kept += letters.map { letter in
                var slim = letter
                slim.record.value = nil
                return slim
            }
            guard kept.count >= Self.block else { return [] }
            return finishBlock()
        case .newest(let limit):
            kept += letters
            if kept.count > 2 * limit { keepNewest(limit) }
            return []
        }
    }

    /// The lines that are left at the end.
    mutating func finish() -> [String] {
        switch form {
        case .stream: return []
        case .blocks: return finishBlock()
        case .newest(let limit):
            keepNewest(limit)
            return finishBlock()
        case .counts:
            if printsJSON { return [counts.json] }
            return counts.total == 0 ? [] : DeadLetterTable.lines(counts)
        }
    }

    private mutating func finishBlock() -> [String] {
        defer { kept = [] }
        return lines(kept.sorted { $0.time < $1.time })
    }

    private mutating func keepNewest(_ limit: Int) {
        kept = Array(kept.sorted { $0.time < $1.time }.suffix(limit))
    }

    private mutating func lines(_ letters: [DeadLetter]) -> [String] {
        printsJSON ? letters.map(\.json) : table.lines(letters)
    }
}
