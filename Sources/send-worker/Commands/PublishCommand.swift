import CommandLineParser
import InstagramMessaging
import KafkaClient
import OperatorTools
import SendEngine
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

/// The requests of files as records, each keyed by its account, in the order of the files.
private struct PublishedRequests {
    private(set) var records: [ProducerRecord] = []
    /// The name of each request: its id, or where it stands.
    private(set) var names: [String] = []

    /// Reads and checks files; no file is standard input.
    ///
    /// - Throws: `ExitStatus` where a request is invalid, each of which has been named on standard error by then, and
    ///   `WorkerFailure` where there is nothing to read.
    init(files: [String], isValidated: Bool, _ configuration: WorkerConfiguration) throws {
        let decoder = RequestDecoder(worker: configuration)
        let now = WorkerClock.system.now.wall
        var invalid = 0
        for path in files.isEmpty ? ["-"] : files {
            for entry in try RequestDocument(path: path).entries {
                let verdict = decoder.decode(entry.bytes, now: now)
                if isValidated, case .rejected = verdict {
                    invalid += 1
                    for line in RequestComplaints.lines(verdict, at: entry.location) { Terminal.complain(line) }
                }
                add(entry, verdict, topic: configuration.topics.requests)
            }
        }
        if records.isEmpty { throw WorkerFailure(.configuration, "there is no request to publish: the input is empty") }
        if invalid > 0 {
            Terminal.complain(
                "nothing was published: \(invalid) of \(records.count) requests are invalid"
                    + " (--no-validate publishes them nevertheless)"
            )
            throw ExitStatus.failure
        }
    }

    private mutating func add(_ entry: RequestDocument.Entry, _ verdict: RequestVerdict, topic: String) {
        let ids: (request: String?, account: String?) =
            switch verdict {
            case .accepted(let accepted): (accepted.request.requestID, accepted.request.accountID)
            case .rejected(let rejected): (rejected.requestID, rejected.accountID)
            }
        records.append(ProducerRecord(topic: topic, key: ids.account.map { Array($0.utf8) }, value: entry.bytes))
        names.append(ids.request ?? entry.location)
    }
}

/// Publishes records, at a rate where one is given.
private struct Publishing: Sendable {
    /// The fate of the records.
    struct Outcome: Sendable {
        /// The acknowledged ones: which, and where they stand.
        var places: [(index: Int, place: WrittenPlace)] = []
        var failures: [KafkaError] = []
        var isInterrupted = false
    }

    let access: KafkaAccess
    let rate: Int?

    /// Publishes until the end, or until the task is cancelled: then what is under way is still acknowledged.
    func run(_ records: [ProducerRecord]) async throws -> Outcome {
        let producer = try KafkaProducer(configuration: access.kafka)
        var outcome = Outcome()
        var pace = Pace(rate: rate)
        var progress = ProgressLine()
        let started = ContinuousClock.now
        for start in stride(from: 0, to: records.count, by: pace.batch) {
            let end = min(start + pace.batch, records.count)
            do {
                try await Task.sleep(for: pace.wait(before: end - start, elapsed: .now - started))
            } catch {
                outcome.isInterrupted = true
                break
            }
            for (index, answer) in await producer.publishAndLocate(Array(records[start..<end])).enumerated() {
                switch answer {
                case .success(let place): outcome.places.append((start + index, place))
                case .failure(let error): outcome.failures.append(error)
                }
            }
            progress.update(
                "\(ProgressLine.bar(Int64(end), of: Int64(records.count)))  \(end) of \(records.count) published"
            )
        }
        progress.clear()
        await producer.close(timeout: .seconds(10))
        return outcome
    }
}

/// Waits for the results of requests that were just published, each known by where it stands on its topic.
private struct ResultWatch: Sendable {
    /// The requests that have no result yet, and how many ended otherwise than sent.
    private struct Progress: Sendable {
        var missing: [SendResult.Source: String]
        var notSent = 0
    }

    private let access: KafkaAccess
    private let printsJSON: Bool
    /// The ends of the results topic before anything was published.
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
