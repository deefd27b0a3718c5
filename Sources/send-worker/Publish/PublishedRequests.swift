import CommandLineParser
import InstagramMessaging
import KafkaClient
import SendEngine
import SendWorker

/// The requests of files as records, each keyed by its account, in the order of the files.
struct PublishedRequests {
    private(set) var records: [ProducerRecord] = []
    /// What each request is called: its id, or where it stands.
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
