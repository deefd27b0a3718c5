import CommandLineParser
import InstagramMessaging
import KafkaClient
import OperatorTools
import SendWorker

/// Waits for the results of requests that were just published, each known by where it stands on its topic.
struct ResultWatch: Sendable {
    /// What has not been answered yet, and whether all that has been was sent.
    private struct Progress: Sendable {
        var missing: [SendResult.Source: String]
        var notSent = 0
    }

    private let access: KafkaAccess
    private let printsJSON: Bool
    /// Where the results topic ended before anything was published.
    private let starts: [Int32: Int64?]

    /// Notes where the results topic ends; to be called before publishing.
    static func begin(_ access: KafkaAccess, printsJSON: Bool) async throws -> ResultWatch {
        let marks = try await access.watermarks(of: access.configuration.topics.results)
        return ResultWatch(access: access, printsJSON: printsJSON, starts: marks.mapValues { $0.high })
    }

    /// Prints the results as they come.
    ///
    /// - Parameter requests: Where the requests stand, with their names.
    /// - Throws: `WorkerFailure` where a result does not come in time, `ExitStatus` where one is not `sent`.
    func wait(for requests: [SendResult.Source: String], timeout: Duration) async throws {
        let end = try await Interruptible.run(timeout: timeout) { try await follow(requests) }
        if let first = end.missing.values.sorted().first {
            let more = end.missing.count == 1 ? "" : " and \(end.missing.count - 1) more"
            throw WorkerFailure(
                .failed,
                "\(end.missing.count) of \(requests.count) results have not come (\(first)\(more)); is a worker running,"
                    + " and is its account held back? Look again with: send-worker results --from 1h --request-id \(first)"
            )
        }
        let sent = requests.count - end.notSent
        let summary = "\(sent) of \(requests.count) requests were sent"
        if printsJSON { Terminal.complain(summary) } else { try Terminal.writeLines([summary]) }
        if end.notSent > 0 { throw ExitStatus.failure }
    }

    private func follow(_ requests: [SendResult.Source: String]) async throws -> Progress {
        var state = Progress(missing: requests)
        var line = ProgressLine()
        _ = try await access.read(access.configuration.topics.results, from: starts, isFollowing: true) { records in
            for record in records {
                guard let value = record.value, let result = try? SendResult(decoding: value),
                    state.missing.removeValue(forKey: result.source) != nil
                else { continue }
                if result.status != .sent { state.notSent += 1 }
                line.clear()
                try Terminal.writeLines([printsJSON ? String(decoding: value, as: UTF8.self) : ResultLine.text(result)])
            }
            let done = requests.count - state.missing.count
            line.update(
                "\(ProgressLine.bar(Int64(done), of: Int64(requests.count)))  \(done) of \(requests.count) answered"
            )
            return !state.missing.isEmpty
        }
        line.clear()
        return state
    }
}
