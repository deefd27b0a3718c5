import ArgumentParser
import InstagramMessaging
import KafkaClient
import SendWorker

/// `send-worker publish`: puts requests on the requests topic.
struct PublishCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: "Publish requests from JSON or NDJSON, each keyed by its account.",
        discussion: """
            Every request is checked first; nothing is published unless all are valid, or --no-validate is given. With \
            --wait it stays until the worker has answered exactly these requests, and ends with 1 when one is not sent.

              send-worker publish requests.ndjson
              echo '{"request_id":"r1", ...}' | send-worker publish --wait
              send-worker publish campaign.ndjson --rate 50
              send-worker publish requests.json --wait --timeout 5m --json
            """
    )

    @OptionGroup var options: ConfigurationOptions

    @Argument(help: "Files to publish; - is standard input, which is also read where no file is given.")
    var files: [String] = []

    @Flag(
        name: .customLong("no-validate"),
        help: "Publish invalid requests too; the worker will answer them with rejected results."
    )
    var noValidate = false

    @Option(help: "Publish at most so many requests in a second.")
    var rate: Int?

    @Flag(help: "Wait for the results of these requests and print each.")
    var wait = false

    @Option(
        help: ArgumentHelp("How long --wait waits after publishing; 1m if not given.", valueName: "duration"),
        transform: Self.duration
    )
    var timeout: Duration?

    @Flag(help: "Print the results of --wait as they are on the topic, one JSON object a line.")
    var json = false

    func validate() throws {
        try OptionText.check("--rate", rate)
        if !wait, timeout != nil || json {
            throw ValidationError("--timeout and --json belong to --wait; give that too")
        }
    }

    func run() async throws {
        let access = try KafkaAccess(options)
        let requests = try PublishedRequests(files: files, isValidated: !noValidate, access.configuration)
        // A producer would wait for brokers that are away for minutes, without a word.
        try await access.require(topic: access.configuration.topics.requests)
        let watch = wait ? try await ResultWatch.begin(access, printsJSON: json) : nil
        let publishing = Publishing(access: access, rate: rate)
        let outcome = try await Interruptible.run { try await publishing.run(requests.records) }
        let topic = access.configuration.topics.requests
        let summary = "published \(outcome.places.count) of \(requests.records.count) requests to \(topic)"
        if json { Terminal.complain(summary) } else { Terminal.writeLines([summary]) }
        if let watch, !outcome.places.isEmpty, !outcome.isInterrupted {
            let sources = outcome.places.map {
                SendResult.Source(topic: topic, partition: $0.place.partition, offset: $0.place.offset)
            }
            let names = outcome.places.map { requests.names[$0.index] }
            try await watch.wait(for: Dictionary(zip(sources, names)) { $1 }, timeout: timeout ?? .seconds(60))
        }
        if let first = outcome.failures.first {
            let count = outcome.failures.count
            throw WorkerFailure(.failed, "\(count) requests were not published; the first because: \(first)")
        }
        if outcome.isInterrupted { throw ExitCode.failure }
    }

    private static func duration(_ text: String) throws -> Duration {
        guard let duration = DurationText.parse(text), duration > .zero else {
            throw ValidationError("\"\(text)\" is no duration; write one like 30s, 5m or 1h")
        }
        return duration
    }
}
