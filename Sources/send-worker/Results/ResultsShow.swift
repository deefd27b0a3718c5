import InstagramMessaging
import KafkaClient
import OperatorTools
import SendWorker

/// Reads the results topic and prints what is wanted.
struct ResultsShow: Sendable {
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
