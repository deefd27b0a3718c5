import ArgumentParser
import InstagramMessaging
import KafkaClient
import SendEngine
import SendWorker

/// `send-worker publish`: puts requests on the requests topic.
struct PublishCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: "Publish requests from JSON or NDJSON, each keyed by its account.",
        discussion: """
            Every request is checked first; nothing is published unless all are valid, or --force is given.

              send-worker publish requests.ndjson
              echo '{"request_id":"r1", ...}' | send-worker publish
            """
    )

    @OptionGroup var options: ConfigurationOptions

    @Argument(help: "Files to publish; - is standard input, which is also read where no file is given.")
    var files: [String] = []

    @Flag(help: "Publish invalid requests too; the worker will answer them with rejected results.")
    var force = false

    func run() async throws {
        let configuration = try options.load().configuration
        let records = try records(for: configuration)
        let producer = try KafkaProducer(configuration: options.kafka(configuration))
        let failures = await publish(records, with: producer)
        await producer.close(timeout: .seconds(10))
        print(
            "published \(records.count - failures.count) of \(records.count) requests to \(configuration.topics.requests)"
        )
        if let first = failures.first {
            throw WorkerFailure(.failed, "\(failures.count) requests were not published; the first because: \(first)")
        }
    }

    /// The records to publish.
    ///
    /// - Throws: `ExitCode` where a request is invalid, each of which has been named on standard error by then.
    private func records(for configuration: WorkerConfiguration) throws -> [ProducerRecord] {
        let decoder = RequestDecoder(worker: configuration)
        let now = WorkerClock.system.now.wall
        var records: [ProducerRecord] = []
        var invalid = 0
        for path in files.isEmpty ? ["-"] : files {
            for entry in try RequestDocument(path: path).entries {
                let accountID: String?
                switch decoder.decode(entry.bytes, now: now) {
                case .accepted(let accepted): accountID = accepted.request.accountID
                case .rejected(let rejected):
                    invalid += 1
                    accountID = rejected.accountID
                    Terminal.complain("\(entry.location): \(rejected.error.message)")
                }
                let key = accountID.map { Array($0.utf8) }
                records.append(ProducerRecord(topic: configuration.topics.requests, key: key, value: entry.bytes))
            }
        }
        if records.isEmpty { throw WorkerFailure(.configuration, "there is no request to publish: the input is empty") }
        if invalid > 0, !force {
            Terminal.complain(
                "nothing was published: \(invalid) of \(records.count) requests are invalid (--force publishes them)"
            )
            throw ExitCode.failure
        }
        return records
    }

    private func publish(_ records: [ProducerRecord], with producer: KafkaProducer) async -> [KafkaError] {
        var failures: [KafkaError] = []
        let batch = 1_000
        for start in stride(from: 0, to: records.count, by: batch) {
            let end = min(start + batch, records.count)
            for case .failure(let error) in await producer.publish(Array(records[start..<end])) {
                failures.append(error)
            }
            if records.count > batch { Terminal.complain("\(end) of \(records.count) handed over") }
        }
        return failures
    }
}
