package import InstagramMessaging
package import SendEngine
package import Telemetry

/// The worker's metrics. Every handler is made once and kept; no label names an account or a request.
package final class WorkerMetrics: Sendable {
    /// The metrics that `/metrics` shows.
    package let registry: MetricsRegistry

    private let requests: RequestMetrics
    private let calls: CallMetrics
    private let load: LoadMetrics
    private let commits: CommitMetrics
    private let partitions: PartitionMetrics
    private let kafka: KafkaMetrics
    private let process: ProcessMetrics
    private let tracing: TracingMetrics
    private let safety: SafetyMetrics
    private let limits: LimitMetrics
    private let configuration: ConfigurationMetrics
    private let tokens: TokenMetrics

    /// Every metric that there is.
    static let all =
        RequestMetrics.all + CallMetrics.all + LoadMetrics.all + CommitMetrics.all + PartitionMetrics.all
        + KafkaMetrics.all + ProcessMetrics.all + ConfigurationMetrics.all + TracingMetrics.all + SafetyMetrics.all
        + LimitMetrics.all + TokenMetrics.all

    /// - Throws: `InvalidMetricDeclaration` where the declarations contradict each other.
    package init() throws(InvalidMetricDeclaration) {
        registry = try MetricsRegistry(declaring: Self.all)
        requests = RequestMetrics(registry)
        calls = CallMetrics(registry)
        load = LoadMetrics(registry)
        commits = CommitMetrics(registry)
        partitions = PartitionMetrics(registry)
        kafka = KafkaMetrics(registry)
        process = ProcessMetrics(registry)
        tracing = TracingMetrics(registry)
        safety = SafetyMetrics(registry)
        limits = LimitMetrics(registry)
        configuration = ConfigurationMetrics(registry)
        tokens = TokenMetrics(registry)
    }

    // MARK: Requests

    /// A record stands in another partition than the one of its account.
    func misplaced() { requests.misplace() }

    // MARK: Calls

    /// An answer of Graph's was odd.
    func odd(_ oddity: AnswerOddity) { calls.note(oddity) }

    /// Whether calls are held back because commits are overdue.
    package func setSuspended(_ isSuspended: Bool) { calls.suspend(isSuspended) }

    // MARK: Commits

    /// A Kafka transaction has ended.
    package func transactionEnded(_ end: TransactionEnd) { commits.end(end) }

    /// A record was written smaller than it is.
    func substituted(_ record: SubstitutedRecord) { commits.substitute(record) }

    /// For how long something has been waiting to be committed without success; 0 while commits succeed.
    package func setCommitOverdue(nanoseconds: Int64) { commits.setOverdue(nanoseconds: nanoseconds) }

    /// The state of an assignment has been read.
    ///
    /// - Parameters:
    ///   - accounts: How many accounts' memories were taken over.
    ///   - ignored: What was not, by cause.
    ///   - nanoseconds: Since the assignment.
    package func restored(accounts: Int, ignored: [IgnoredState: Int], nanoseconds: Int64) {
        commits.restored(accounts: accounts, ignored: ignored, nanoseconds: nanoseconds)
    }

    // MARK: State

    /// Sets how many calls run, requests wait for theirs, and records are held until their result is durable.
    package func setLoad(inFlight: Int, waiting: Int, pending: Int) {
        calls.inFlight.record(inFlight)
        load.waiting.record(waiting)
        load.pending.record(pending)
    }

    /// All else that the engine counts.
    package func show(_ census: EngineCensus) {
        requests.skip(readAgain: census.totals.ignoredRecords, finishedBefore: census.totals.skippedRecords)
        calls.show(census)
        load.show(census)
        safety.show(census.safety)
        limits.show(census)
        partitions.setPaused(census.pausedPartitions)
    }

    /// Whether sending is paused; shown at once.
    func show(_ safety: EngineCensus.Safety) { self.safety.show(safety) }

    // MARK: Partitions

    /// Sets how many requests of each assigned partition are fetched and not finished, and where the group's committed
    /// offset is; other partitions are no longer shown.
    package func setOutstanding(_ counts: [Int32: Int], committed: [Int32: Int64]) {
        partitions.show(outstanding: counts, committed: committed)
    }

    /// Sets how many partitions wait for their state.
    package func setRestoring(partitions count: Int) { partitions.setRestoring(count) }

    /// The starts and ends of the requests topic's partitions, as librdkafka said last.
    var partitionLogs: [Int32: KafkaStatistics.Log] { partitions.logs }

    /// The requests topic has deleted offsets before they were read.
    package func deletedUnread(_ offsets: Int) { partitions.countDeleted(offsets) }

    package func partitionsAssigned(_ count: Int) { partitions.count(.assigned, of: count) }
    package func partitionsRevoked(_ count: Int) { partitions.count(.revoked, of: count) }
    package func partitionsLost(_ count: Int) { partitions.count(.lost, of: count) }

    // MARK: Kafka

    /// Whether a Kafka broker can be reached.
    package func setBrokerUp(_ isUp: Bool) { kafka.brokerUp.record(isUp ? 1 : 0) }

    /// A broker makes the producer wait so long.
    func setThrottle(_ time: Duration) { kafka.throttle.record(nanoseconds: time.nanoseconds) }

    /// Takes the statistics that librdkafka gave as JSON.
    ///
    /// - Parameter topic: The requests topic.
    package func show(statistics json: String, of client: KafkaClientRole, topic: String) {
        guard let statistics = KafkaStatistics(json: json, topic: topic) else {
            kafka.unreadStatistics.increment()
            return
        }
        kafka.show(statistics, of: client)
        if client == .consumer { partitions.show(statistics.logs) }
    }

    // MARK: Tracing

    /// Finished spans were exported, dropped or have failed.
    func spans(_ end: SpanEnd, _ count: Int) { tracing.end(end, count) }

    // MARK: Configuration

    /// The configuration was read again.
    package func configurationReloaded(_ outcome: ConfigurationWatch.Outcome) { configuration.reload(outcome) }

    // MARK: Tokens

    /// A token was to be refreshed.
    func tokenRefreshed(_ outcome: TokenRefresher.Outcome) { tokens.refresh(outcome) }

    // MARK: The process

    /// The worker was started.
    package func started(at time: Timestamp) { process.start(at: time) }

    /// Reads what the operating system says of this process. Meant for the moment before the metrics are shown.
    package func readProcess() { process.show(ProcessReading()) }

    /// Whether the worker is ready, and for how long its loops have not moved, in nanoseconds.
    package func setHealth(isReady: Bool, engineSilence: Int64, consumerSilence: Int64) {
        process.show(isReady: isReady, engineSilence: engineSilence, consumerSilence: consumerSilence)
    }
}

/// The counts of what happens with every message, kept by the engine's loop alone: without a lock, and added up when somebody reads
/// the metrics. It stays with the loop that made it.
struct LoopCounts {
    private let requests: RequestCounts
    private let calls: CallCounts
    private let commits: CommitCounts
    private let turns: OwnedHistogram

    init(_ metrics: WorkerMetrics) {
        turns = metrics.registry.histogram(ProcessMetrics.turns).makeOwned()
        requests = RequestCounts(metrics.registry)
        calls = CallCounts(metrics.registry)
        commits = CommitCounts(metrics.registry)
    }

    /// A record was read from the requests topic.
    ///
    /// - Parameters:
    ///   - kind: Nil for a record that failed validation.
    ///   - isKeyed: False where the record's key is missing or is not its account.
    func received(kind: MessageKind?, isKeyed: Bool) { requests.receive(kind, isKeyed: isKeyed) }

    /// A call has ended. One that was never started is counted, but its duration is not.
    func callEnded(_ outcome: CallOutcome, nanoseconds: Int64) { calls.end(outcome, nanoseconds: nanoseconds) }

    /// A commit has ended, after so long, with so many results in it.
    func committed(results count: Int, nanoseconds: Int64, end: CommitEnd) {
        commits.end(end, results: count, nanoseconds: nanoseconds)
    }

    /// The loop has done all that came up in one turn.
    func turnEnded(nanoseconds: Int64) { turns.recordNanoseconds(nanoseconds) }

    /// A request has come to its end and its result is durable.
    func ended(_ result: SendResult) { requests.end(result) }
}

/// The readings of the configuration while the worker ran.
private struct ConfigurationMetrics: Sendable {
    static let reloads = MetricDeclaration.counter(
        "send_worker_configuration_reloads_total",
        labels: ["result"],
        "Times that the configuration was read again, by what came of it."
    )

    static let all = [reloads]

    private let reloads: LabelTable<ConfigurationWatch.Outcome, Counter>

    init(_ registry: MetricsRegistry) { reloads = registry.counters(Self.reloads) }

    func reload(_ outcome: ConfigurationWatch.Outcome) { reloads[outcome]?.increment() }
}

/// The refreshes of tokens.
private struct TokenMetrics: Sendable {
    static let refreshes = MetricDeclaration.counter(
        "send_worker_token_refreshes_total",
        labels: ["result"],
        "Attempts to refresh an access token, by what came of it."
    )

    static let all = [refreshes]

    private let refreshes: LabelTable<TokenRefresher.Outcome, Counter>

    init(_ registry: MetricsRegistry) { refreshes = registry.counters(Self.refreshes) }

    func refresh(_ outcome: TokenRefresher.Outcome) { refreshes[outcome]?.increment() }
}

/// Spans on their way to the collector.
private struct TracingMetrics: Sendable {
    static let spans = MetricDeclaration.counter(
        "send_worker_spans_total",
        labels: ["result"],
        "Finished spans, by what became of them; none without tracing.endpoint."
    )

    static let all = [spans]

    private let spans: LabelTable<SpanEnd, Counter>

    init(_ registry: MetricsRegistry) { spans = registry.counters(Self.spans) }

    func end(_ end: SpanEnd, _ count: Int) { spans[end]?.increment(by: count) }
}
