import CommandLineParser
import GraphSimulator
import InstagramMessaging
import KafkaClient
import SendEngine
import SendWorker
import Telemetry

/// `send-worker demo`: the whole path in one process.
struct DemoCommand: Command {
    private static let verbose = Flag("--verbose", help: "Show the worker's log as well.")

    static let declaration = CommandDeclaration(
        "demo",
        summary:
            "Show the worker at work: embedded broker, endpoint simulator, worker and sample traffic in one process.",
        discussion: """
            Needs no Kafka and no internet and ends by itself in under 30 seconds. A sample backend publishes a few hundred \
            requests of all kinds over twenty accounts, some of them wrong, while the endpoint resets connections, fails \
            and throttles. The report at the end accounts for every request; the exit code is 1 if it does not balance.
            """,
        parameters: [verbose],
        command: DemoCommand.init
    )

    private let isVerbose: Bool

    init(_ values: ParsedValues) {
        isVerbose = values[Self.verbose]
    }

    func run() async throws {
        var log = WorkerConfiguration.Log()
        log.level = isVerbose ? .info : .critical
        let stage = try await DemoStage(logger: Logger(label: "demo", to: LogSink(log)))
        let report = try await stage.perform()
        try Terminal.write(report.text)
        try Terminal.write(DemoReport.nextSteps)
        if !report.discrepancies.isEmpty { throw ExitStatus.failure }
    }
}

/// The demo's cast: a broker, an endpoint, a worker, a backend that publishes and one that reads results.
private struct DemoStage: Sendable {
    /// The demo gives up after so long, whatever is missing then.
    static let longestRun = Duration.seconds(28)

    private let traffic = SampleTraffic()
    private let tally = DemoTally()
    private let broker: EmbeddedBroker
    private let simulator: GraphSimulator
    private let logger: Logger

    init(logger: Logger) async throws {
        self.logger = logger
        broker = try EmbeddedBroker()
        let topics = WorkerConfiguration.Topics()
        for topic in [topics.requests, topics.results, topics.deadLetters, topics.state] {
            try broker.createTopic(topic, partitions: 6)
        }
        simulator = GraphSimulator(configuration: SimulatorConfiguration(seed: 7), logger: logger)
        try arrangeFaults()
    }

    /// Everything that goes wrong. No fault here delivers a message and then hides it from a request that may be sent
    /// again, so the simulator must not see a single duplicate.
    private func arrangeFaults() throws {
        let faults = [
            SimulatorFault(.latency(fixed: .milliseconds(20), jitter: .milliseconds(60))),
            SimulatorFault(.throttle(Self.throttled), accountID: traffic.throttledAccount, count: 3),
            SimulatorFault(.error(Self.outsideWindow, delivers: false), recipient: traffic.closedRecipient),
            SimulatorFault(.replyLost, recipient: traffic.lostRecipient, count: 1),
            SimulatorFault(.error(.temporaryError, delivers: false), share: 0.06),
            SimulatorFault(.resetAfterBody, share: 0.05),
            SimulatorFault(.mediaFetchFailure(subcode: 2_018_008), share: 1, count: 3),
        ]
        for fault in faults { _ = try simulator.addFault(fault) }
    }

    private static let throttled = GraphErrorAnswer(code: 613, isTransient: true, retryAfterSeconds: 6)

    private static let outsideWindow = GraphErrorAnswer(
        status: 403,
        code: 10,
        subcode: 2_534_022,
        type: "IGApiException",
        message: "This message is sent outside of allowed window."
    )

    /// Runs it all and renders the account.
    func perform() async throws -> DemoReport {
        let started = ContinuousClock.now
        let url = try await startSimulator()
        defer { url.task.cancel() }
        let configuration = configuration(baseURL: url.value)
        let worker = Worker(
            configuration: configuration,
            tokens: FixedTokens([:], everyone: "demo-token"),
            logger: logger
        )
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await worker.run() }
            tasks.addTask { try await watch(configuration, statusPage: { worker.statusPage }, since: started) }
            try await tasks.next()
            worker.requestStop()
            try await tasks.waitForAll()
        }
        let deadLetters = try await countDeadLetters(configuration)
        let report = DemoReport(
            traffic: traffic,
            counts: tally.counts,
            deadLetters: deadLetters,
            summary: simulator.summary(),
            conversations: simulator.conversations(account: nil),
            seconds: Double((ContinuousClock.now - started).nanoseconds) / 1e9
        )
        broker.close()
        return report
    }

    private func startSimulator() async throws -> (value: String, task: Task<Void, any Error>) {
        let task = Task { [simulator] in try await simulator.run() }
        return (try await simulator.baseURL(), task)
    }

    private func configuration(baseURL: String) -> WorkerConfiguration {
        var configuration = WorkerConfiguration()
        configuration.kafka.bootstrapServers = broker.bootstrapServers
        // The embedded broker knows transactions only in part.
        configuration.delivery.guarantee = .atLeastOnce
        configuration.graph.baseURL = baseURL
        configuration.validation.allowPrivateHosts = true
        configuration.media.preflight = false
        configuration.admin.port = 0
        configuration.retry.initialDelay = .milliseconds(200)
        configuration.retry.maxDelay = .seconds(2)
        configuration.retry.unknownResends = 7
        configuration.retry.answeredUnknownResends = 7
        return configuration
    }

    /// Publishes the traffic, then reads results and shows the progress until every request has one.
    private func watch(
        _ configuration: WorkerConfiguration,
        statusPage: @escaping @Sendable () -> String?,
        since started: ContinuousClock.Instant
    ) async throws {
        let view = DemoView(
            traffic: traffic,
            tally: tally,
            simulator: simulator,
            statusPage: statusPage,
            started: started
        )
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await publish(to: configuration) }
            tasks.addTask { try await readResults(configuration) }
            tasks.addTask { try await view.run() }
            tasks.addTask {
                try await Task.sleep(for: Self.longestRun)
                throw DemoTimeout()
            }
            do {
                // The backend's end is not the end: all results have to be in.
                while tally.counts.results.count < traffic.requests.count { try await tasks.next() }
            } catch is DemoTimeout {
                Terminal.complain("the demo's time is over; the report shows what is missing")
            }
            tasks.cancelAll()
        }
        try view.finish()
    }

    private struct DemoTimeout: Error {}

    private func publish(to configuration: WorkerConfiguration) async throws {
        let producer = try KafkaProducer(configuration: KafkaConfiguration(bootstrapServers: broker.bootstrapServers))
        for start in stride(from: 0, to: traffic.requests.count, by: 20) {
            let batch = traffic.requests[start..<min(start + 20, traffic.requests.count)]
            let records = batch.map {
                ProducerRecord(topic: configuration.topics.requests, key: Array($0.accountID.utf8), value: $0.value)
            }
            for answer in await producer.publish(records) { _ = try answer.get() }
            tally.published(records.count)
        }
        await producer.close(timeout: .seconds(5))
    }

    private func readResults(_ configuration: WorkerConfiguration) async throws {
        let reader = try reader(of: configuration.topics.results, mode: .following)
        while tally.counts.results.count < traffic.requests.count, let records = try await reader.next() {
            for record in records {
                guard let value = record.value, let result = try? SendResult(decoding: value) else {
                    tally.addUndecodable()
                    continue
                }
                tally.add(result)
            }
        }
        await reader.close()
    }

    private func countDeadLetters(_ configuration: WorkerConfiguration) async throws -> Int {
        let reader = try reader(of: configuration.topics.deadLetters, mode: .toEnd)
        var count = 0
        while let records = try await reader.next() { count += records.count }
        await reader.close()
        return count
    }

    private func reader(of topic: String, mode: RecordReader.Mode) throws -> RecordReader {
        try RecordReader(
            configuration: KafkaConfiguration(bootstrapServers: broker.bootstrapServers),
            starts: (0..<6).map { RecordReader.Start(TopicPartition(topic: topic, partition: $0)) },
            mode: mode
        )
    }
}
