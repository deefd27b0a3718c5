import CommandLineParser
import InstagramMessaging
import KafkaClient
import OperatorTools
import SendWorker

/// `send-worker publish`: puts requests on the requests topic.
struct PublishCommand: Command {
    private static let files = Argument<[String]>(
        "files",
        help: "Files to publish; - is standard input, which is also read where no file is given.",
        completion: .files(extensions: ["json", "ndjson"])
    )
    private static let noValidate = Flag(
        "--no-validate",
        help: "Publish invalid requests too; the worker will answer them with rejected results."
    )
    private static let rate = Option<Int?>("--rate", help: "Publish at most so many requests in a second.")
    private static let wait = Flag("--wait", help: "Wait for the results of these requests and print each.")
    private static let timeout = Option<Duration?>(
        "--timeout",
        help: ParameterHelp("How long --wait waits after publishing; 1m if not given.", valueName: "duration"),
        transform: duration
    )
    private static let json = Flag(
        "--json",
        help: "Print the results of --wait as they are on the topic, one JSON object a line."
    )

    static let declaration = CommandDeclaration(
        "publish",
        summary: "Publish requests from JSON or NDJSON, each keyed by its account.",
        discussion: """
            Every request is checked first; nothing is published unless all are valid, or --no-validate is given. So all of \
            the input is held in memory until then (about a kilobyte for each request); split what is larger than that. With \
            --wait it stays until the worker has answered exactly these requests, and ends with 1 when one is not sent.

              send-worker publish requests.ndjson
              echo '{"request_id":"r1", ...}' | send-worker publish --wait
              send-worker publish campaign.ndjson --rate 50
              send-worker publish requests.json --wait --timeout 5m --json
            """,
        parameters: [ConfigurationOptions.group, files, noValidate, rate, wait, timeout, json],
        command: PublishCommand.init
    )

    private let options: ConfigurationOptions
    private let files: [String]
    private let isValidated: Bool
    private let rate: Int?
    private let waits: Bool
    private let timeout: Duration?
    private let printsJSON: Bool

    init(_ values: ParsedValues) throws {
        options = ConfigurationOptions(values)
        files = values[Self.files]
        isValidated = !values[Self.noValidate]
        rate = values[Self.rate]
        waits = values[Self.wait]
        timeout = values[Self.timeout]
        printsJSON = values[Self.json]
        try OptionText.check("--rate", rate)
        if !waits, timeout != nil || printsJSON {
            throw UsageError("--timeout and --json belong to --wait; give that too")
        }
    }

    func run() async throws {
        let access = try KafkaAccess(options)
        let requests = try PublishedRequests(files: files, isValidated: isValidated, access.configuration)
        // A producer would wait for brokers that are away for minutes, without a word.
        try await access.require(topic: access.configuration.topics.requests)
        let watch = waits ? try await ResultWatch.begin(access, printsJSON: printsJSON) : nil
        let publishing = Publishing(access: access, rate: rate)
        let outcome = try await Interruptible.run { try await publishing.run(requests.records) }
        let topic = access.configuration.topics.requests
        let summary = "published \(outcome.places.count) of \(requests.records.count) requests to \(topic)"
        if printsJSON { Terminal.complain(summary) } else { try Terminal.writeLines([summary]) }
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
        if outcome.isInterrupted { throw ExitStatus.failure }
    }

    private static func duration(_ text: String) throws -> Duration {
        guard let duration = DurationText.parse(text), duration > .zero else {
            throw UsageError("\"\(text)\" is no duration; write one like 30s, 5m or 1h")
        }
        return duration
    }
}
