import ArgumentParser
import InstagramMessaging
import KafkaClient
import SendWorker
import UnixSignals

/// `send-worker results`: shows results.
struct ResultsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "results",
        abstract: "Follow the results topic.",
        discussion: """
            Shows new results as they come, until it is interrupted.

              send-worker results --status failed
              send-worker results --until-end --json     all results so far, then end
            """
    )

    @OptionGroup var options: ConfigurationOptions

    @Option(help: "Only this account's results. May be repeated.")
    var account: [String] = []

    @Option(
        help: "Only results with this status: sent, rejected, failed, expired, unknown. May be repeated.",
        transform: Self.status
    )
    var status: [SendResult.Status] = []

    @Option(help: "Only the result of this request. May be repeated.")
    var requestId: [String] = []

    @Flag(help: "Begin with the oldest result instead of the next one.")
    var fromBeginning = false

    @Flag(help: "Show all results so far, oldest first, and end.")
    var untilEnd = false

    @Flag(help: "Print each result as it is on the topic, one JSON object a line.")
    var json = false

    func run() async throws {
        let configuration = try options.load().configuration
        let kafka = options.kafka(configuration)
        let admin = try KafkaAdmin(configuration: kafka)
        let starts = try await starts(in: configuration.topics.results, with: admin)
        await admin.close()
        let reader = try RecordReader(configuration: kafka, starts: starts, mode: untilEnd ? .toEnd : .following)
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { while let batch = try await reader.next() { show(batch) } }
            tasks.addTask { for await _ in signals { return } }
            try await tasks.next()
            tasks.cancelAll()
        }
        await reader.close()
    }

    private static func status(named name: String) throws -> SendResult.Status {
        guard let status = SendResult.Status(rawValue: name) else {
            let known = SendResult.Status.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("\"\(name)\" is no status; write one of \(known)")
        }
        return status
    }

    private func starts(in topic: String, with admin: KafkaAdmin) async throws -> [RecordReader.Start] {
        guard let count = try await admin.partitionCounts([topic])[topic] ?? nil else {
            throw WorkerFailure(.configuration, "there is no topic \(topic); create it with: send-worker topics create")
        }
        var starts: [RecordReader.Start] = []
        for number in 0..<Int32(count) {
            let partition = TopicPartition(topic: topic, partition: number)
            let begin = fromBeginning || untilEnd ? nil : try await admin.watermarks(of: partition).high
            starts.append(RecordReader.Start(partition, from: begin))
        }
        return starts
    }

    private func show(_ records: [KafkaRecord]) {
        for record in records {
            guard let value = record.value else { continue }
            guard let result = try? SendResult(decoding: value) else {
                Terminal.complain(
                    "\(record.topic)/\(record.partition)@\(record.offset) is not a result and is passed over"
                )
                continue
            }
            guard isWanted(result) else { continue }
            print(json ? String(decoding: value, as: UTF8.self) : line(for: result))
        }
    }

    private func isWanted(_ result: SendResult) -> Bool {
        (account.isEmpty || result.accountID.map(account.contains) == true)
            && (status.isEmpty || status.contains(result.status))
            && (requestId.isEmpty || result.requestID.map(requestId.contains) == true)
    }

    private func line(for result: SendResult) -> String {
        var parts = [
            result.completedAt.rfc3339,
            result.status.rawValue.padding(to: 8),
            result.requestID ?? "-",
            "account=\(result.accountID ?? "-")",
            "attempts=\(result.attempts)",
        ]
        if let messageID = result.messageID { parts.append("message=\(messageID)") }
        if result.possibleDuplicate { parts.append("possible_duplicate") }
        if let error = result.error { parts.append("\(error.category.rawValue): \(error.message)") }
        return parts.joined(separator: "  ")
    }
}

extension String {
    /// This text with spaces behind it up to a width.
    fileprivate func padding(to width: Int) -> String {
        self + String(repeating: " ", count: max(width - count, 0))
    }
}
