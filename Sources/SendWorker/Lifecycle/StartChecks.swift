import InstagramMessaging
package import KafkaClient
import Reactor
import Synchronization
package import Telemetry

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Makes sure, before any request is read, that the topics are there and fit together.
package struct TopicCheck: Sendable {
    private static let partitionsInterval = Duration.seconds(15)

    private let topics: WorkerConfiguration.Topics
    /// `worker.maxOutstandingPerPartition`.
    private let outstanding: Int
    private let logger: Logger
    private let repetitions: RepetitionLimiter

    /// - Parameter outstanding: How many unfinished requests a partition's ledger may name.
    package init(
        topics: WorkerConfiguration.Topics,
        outstanding: Int,
        logger: Logger,
        repetitions: RepetitionLimiter
    ) {
        self.topics = topics
        self.outstanding = outstanding
        self.logger = logger
        self.repetitions = repetitions
    }

    private var names: [String] { [topics.requests, topics.results, topics.deadLetters, topics.state] }

    /// Waits until a broker answers, then checks.
    ///
    /// - Throws: `WorkerFailure` of kind `configuration` for topics that are missing, do not fit or may not be looked at,
    ///   and `CancellationError` where the worker is told to stop meanwhile.
    package func run(with admin: KafkaAdmin) async throws {
        var counts: [String: Int?] = [:]
        for name in names { counts[name] = try await partitionCount(of: name, with: admin) }
        try check(counts)
        try check(limits: await admin.batchLimits(of: names.filter { $0 != topics.requests }))
    }

    private func partitionCount(of name: String, with admin: KafkaAdmin) async throws -> Int?? {
        while true {
            do {
                return try await admin.partitionCounts([name], timeout: BrokerCheck.answerLimit)[name]
            } catch let error as KafkaError where !error.isFatal {
                if let right = MissingRight(error, "Describe", on: .topic(name)) {
                    throw WorkerFailure(.configuration, "\(name) cannot be used: \(right.text): \(right.remedy)")
                }
                repetitions.log(
                    "Kafka cannot be asked for its topics, trying again; check kafka.bootstrapServers if this goes on",
                    level: .warning,
                    to: logger,
                    metadata: ["reason": "\(error)"]
                )
                try await Task.sleep(for: .seconds(1))
            }
        }
    }

    /// Throws where a topic is missing or the state topic does not match the requests topic.
    package func check(_ counts: [String: Int?]) throws(WorkerFailure) {
        let missing = names.filter { (counts[$0] ?? nil) == nil }
        guard missing.isEmpty else {
            throw WorkerFailure(
                .configuration,
                "missing topics: \(missing.joined(separator: ", ")); create them with: send-worker topics create"
            )
        }
        guard let requests = counts[topics.requests] ?? nil, let state = counts[topics.state] ?? nil else { return }
        guard requests == state else {
            throw WorkerFailure(
                .configuration,
                "\(topics.state) has \(state) partitions and \(topics.requests) has \(requests); they must be as many: "
                    + StateTopic.remedy(topics.state, partitions: state, requests: requests)
            )
        }
    }

    /// Throws where a topic takes so little that not even what stands for a record fits into it, and says where the state
    /// topic may come to be too small.
    ///
    /// - Parameter limits: The largest batch that each topic takes, as far as it is known.
    package func check(limits: [String: Int]) throws(WorkerFailure) {
        for (name, limit) in limits.sorted(by: { $0.key < $1.key }) where limit < BatchLimits.least {
            throw WorkerFailure(
                .configuration,
                "\(name) takes batches of \(limit) bytes, and the smallest result and dead letter need "
                    + "\(BatchLimits.least): \(TopicDemands.takeMore(name))"
            )
        }
        let largest = StateTopic.largestLedger(outstanding: outstanding)
        guard let limit = limits[topics.state], limit < largest else { return }
        logger.warning(
            """
            the state topic takes less than a ledger may need: with many unfinished requests a partition could not be \
            committed any more. \(TopicDemands.takeMore(topics.state)), or lower worker.maxOutstandingPerPartition
            """,
            metadata: ["topic": "\(topics.state)", "bytes": "\(limit)", "largest_ledger": "\(largest)"]
        )
    }

    /// Tells how many partitions the requests topic has, now and again, until the task is cancelled: some may be added.
    func watchPartitions(with admin: KafkaAdmin, _ tell: @Sendable (Int) -> Void) async throws {
        while true {
            // What keeps the brokers from answering is said by those who depend on the answer.
            if let count = try? await admin.partitionCounts([topics.requests])[topics.requests] ?? nil { tell(count) }
            try await Task.sleep(for: Self.partitionsInterval)
        }
    }

    /// Says so where the state topic is not compacted, where another one is, or where the broker cannot be asked. None of
    /// it stops the work, so this is asked beside it.
    package func warnOfCleanupPolicies(with admin: KafkaAdmin) async {
        for name in names {
            do {
                guard let policy = try await admin.topicConfiguration(name)["cleanup.policy"] else { continue }
                report(policy, of: name)
            } catch {
                logger.warning(
                    "the broker cannot be asked whether topics are compacted",
                    metadata: ["topic": "\(name)", "reason": "\(error)"]
                )
                return
            }
        }
    }

    private func report(_ policy: String, of name: String) {
        let isCompacted = policy.contains("compact")
        guard isCompacted != (name == topics.state) else { return }
        let metadata: Logger.Metadata = ["topic": "\(name)", "cleanup.policy": "\(policy)"]
        if isCompacted {
            logger.error(
                "a topic is compacted that must not be: \(TopicDemands.whatCompactionDoes); \(TopicDemands.keepAll(name))",
                metadata: metadata
            )
        } else {
            logger.warning(
                "the state topic is not compacted and will grow; set cleanup.policy=compact on it",
                metadata: metadata
            )
        }
    }
}

/// Sees to it that what keeps this worker out of its consumer group is named, with what to do about it.
struct GroupCheck: Sendable {
    let group: String
    let requestsTopic: String
    /// The strategies for sharing out partitions that this worker offers.
    let strategies: [String]
    let logger: Logger
    let repetitions: RepetitionLimiter

    /// Makes sure, before any request is read, that offsets of the group may be committed.
    ///
    /// - Throws: `WorkerFailure` of kind `configuration` that names the right which is missing.
    func run(with consumer: KafkaConsumer) async throws {
        do {
            try await consumer.checkGroupRights(topic: requestsTopic, timeout: BrokerCheck.answerLimit)
        } catch let error as KafkaError {
            if let right = missingRight(error) {
                throw WorkerFailure(.configuration, "the group cannot be used: \(right.text): \(right.remedy)")
            }
            // Whoever does not answer now is waited for when the group is joined.
            logger.debug("the right to the group is not known", metadata: ["reason": "\(error)"])
        }
    }

    /// The right whose absence the consumer reports; nil for other troubles.
    func missingRight(_ error: KafkaError) -> MissingRight? {
        MissingRight(error, reading: requestsTopic, for: group)
    }

    /// Says that the group does not let this worker in, with both sides. To be called once for each time that it begins.
    func reportMisfit(with admin: KafkaAdmin) async {
        let description = try? await admin.describeGroup(group, timeout: BrokerCheck.answerLimit)
        let strategy = description.flatMap { $0.strategy.isEmpty ? nil : $0.strategy }
        let misfit = AssignmentMisfit(
            group: group,
            theirs: strategy,
            members: description?.members.count ?? 0,
            own: strategies
        )
        logger.error("\(misfit.problem)", metadata: ["what_to_do": "\(misfit.remedy)"])
    }
}

/// Makes sure, before anything else is asked, that a broker answers and that the addresses which the cluster gives for
/// its brokers can be reached from here.
struct BrokerCheck: Sendable {
    /// The longest time that a question may take while the worker starts: what is wrong is told within 5 s.
    static let answerLimit = Duration.seconds(3)

    let bootstrapServers: String
    let securityProtocol: String
    /// The complaints of the admin client's connections.
    let complaints: KafkaComplaints
    let logger: Logger
    let repetitions: RepetitionLimiter

    /// Waits until a broker answers and at least one of those that it names can be reached.
    ///
    /// - Throws: `CancellationError` where the worker is told to stop meanwhile, `KafkaError` for what is fatal.
    func run(with admin: KafkaAdmin, on reactor: Reactor) async throws {
        while true {
            do {
                let brokers = try await admin.brokers(timeout: Self.answerLimit)
                let advertised = await AdvertisedBrokers(
                    probing: brokers,
                    bootstrapServers: bootstrapServers,
                    on: reactor
                )
                report(advertised)
                if !advertised.areAllUnreachable { return }
            } catch let error as KafkaError where !error.isFatal {
                report(error)
            }
            try await Task.sleep(for: .seconds(1))
        }
    }

    private func report(_ advertised: AdvertisedBrokers) {
        guard let problem = advertised.problem else { return }
        repetitions.log(
            "\(problem); \(advertised.remedy)",
            key: "advertised brokers \(advertised.areAllUnreachable)",
            level: advertised.areAllUnreachable ? .error : .warning,
            to: logger
        )
    }

    private func report(_ error: KafkaError) {
        let reason = complaints.last ?? "\(error)"
        complaints.forget()
        repetitions.log(
            "Kafka cannot be asked for its brokers, trying again",
            key: "no broker answers",
            level: .warning,
            to: logger,
            metadata: [
                "kafka": "\(bootstrapServers)",
                "reason": "\(reason)",
                "what_to_do": "\(remedy(for: reason))",
            ]
        )
    }

    private func remedy(for reason: String) -> String {
        ConnectionHint.remedy(for: reason, securityProtocol: securityProtocol)
            ?? "check kafka.bootstrapServers and kafka.properties if this goes on"
    }
}

/// Whether Kafka can be reached, from both sources that tell.
///
/// librdkafka reports the loss of all its connections at once, but it cannot see a network that swallows everything
/// before its requests time out, which takes a minute; and it says nothing when a broker is back. So a question is put
/// to the brokers again and again, and what was answered last counts too.
package final class BrokerContact: Sendable {
    private struct State {
        var isReportedDown = false
        var isAnswered = false
    }

    private let state = Mutex(State())

    package init() {}

    /// False until a question has been answered for the first time.
    package var isUp: Bool { state.withLock { $0.isAnswered && !$0.isReportedDown } }

    /// librdkafka has reported that no broker is connected, or that one answers again.
    package func noteReport(isUp: Bool) { state.withLock { $0.isReportedDown = !isUp } }

    /// A question was put to the brokers.
    package func noteQuestion(isAnswered: Bool) { state.withLock { $0.isAnswered = isAnswered } }
}

/// The number of files and sockets that this process may have open. Shells and service managers often begin with 256 or
/// 1,024, and calls for which no socket can be had fail as if the endpoint were away.
enum DescriptorLimit {
    /// The descriptors that the worker needs besides its calls: connections to brokers, clients of the admin endpoints,
    /// tokens, libraries.
    private static let reserve = 512

    /// Allows what a configuration needs, as far as the system lets the process, and warns where that is too little.
    ///
    /// - Parameter hosts: How many hosts accounts are called at: the connections to one may be idle while all calls go to
    ///   another.
    static func prepare(maxInFlight: Int, hosts: Int = 1, logger: Logger) {
        // Media are looked at over connections of their own.
        let needed = (hosts + 1) * maxInFlight + reserve
        let allowed = raise(to: needed)
        guard allowed < needed else { return }
        logger.warning(
            """
            too few files and sockets may be open at once: under load calls will fail as if the endpoint were away; raise the \
            hard limit (ulimit -Hn, LimitNOFILE=) or lower worker.maxInFlight
            """,
            metadata: ["allowed": "\(allowed)", "needed": "\(needed)"]
        )
    }

    /// Raises the soft limit to a number where it is lower, or as near to it as the hard limit allows.
    ///
    /// - Returns: What is in force then; `Int.max` where there is no limit or none is known.
    static func raise(to needed: Int) -> Int {
        guard let (soft, hard) = current else { return .max }
        let wanted = min(needed, hard)
        return soft < wanted && set(soft: wanted) ? wanted : soft
    }

    /// The limits in force, each at most `Int.max`; nil where the system does not say.
    static var current: (soft: Int, hard: Int)? {
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return nil }
        return (Int(clamping: limit.rlim_cur), Int(clamping: limit.rlim_max))
    }

    /// Sets the soft limit; false where the system does not let the process.
    static func set(soft: Int) -> Bool {
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return false }
        limit.rlim_cur = rlim_t(soft)
        return setrlimit(resource, &limit) == 0
    }

    #if canImport(Glibc)
    private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
    private static let resource = RLIMIT_NOFILE
    #endif
}

/// The demands on the worker's topics that others than the worker have to meet, and the commands that meet them.
package enum TopicDemands {
    /// The largest record that the worker may have to write: a request of the largest size, and headers.
    package static let largestRecord = MessageLimits.recordBytes + 8_192

    package static let whatCompactionDoes =
        "the brokers throw away all but the newest record of each key, that is of each account, read or not"

    /// The command that ends a topic's compaction.
    package static func keepAll(_ topic: String) -> String {
        "kafka-configs.sh --bootstrap-server … --alter --entity-type topics --entity-name \(topic)"
            + " --add-config cleanup.policy=delete"
    }

    /// The command that has a topic take what Kafka's topics take by default.
    package static func takeMore(_ topic: String) -> String {
        "kafka-configs.sh --bootstrap-server … --alter --entity-type topics --entity-name \(topic)"
            + " --add-config max.message.bytes=1048588"
    }
}
