import InstagramMessaging
import KafkaClient
import OperatorTools
import SendWorker

/// Reads the dead-letter topic and prints what is wanted.
struct ListRun: Sendable {
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

/// What was searched, for a person.
enum SearchText {
    /// - Parameter read: How many were read: what is older than was asked for is not.
    static func nothing(_ filter: OutcomeFilter, read: Int, topic: String) -> String {
        guard read > 0 || filter.since != nil else { return "there is no dead letter on \(topic)" }
        return "no dead letter\(filter.description.map { " with \($0)" } ?? "") among the \(read) on \(topic)"
    }
}
