/// What a client is made for, with the settings that go with it.
enum ClientRole {
    case groupConsumer(groupID: String, instanceID: String?)
    case reader
    case producer(transactionalID: String?)
    case admin

    /// What a user's property may change.
    var defaults: [(name: String, value: String)] {
        let common = [("socket.nagle.disable", "true"), ("log_level", "6")]
        switch self {
        case .groupConsumer:
            return common + Self.reading + [(Self.strategy, Self.defaultStrategy)]
        case .reader, .admin:
            return common + Self.reading
        case .producer:
            return common + [
                ("linger.ms", "5"), ("queue.buffering.max.kbytes", "131072"),
                // Dead letters carry whatever came in, as far as their topic takes it.
                ("message.max.bytes", "\(Self.largestMessage)"),
            ]
        }
    }

    /// The parts of librdkafka whose debug lines this client reads itself; they are added to the user's.
    var debugContexts: [String] {
        if case .groupConsumer = self { LossReasons.debugContexts } else { [] }
    }

    /// What correctness rests on.
    var fixed: [(name: String, value: String)] {
        switch self {
        case .groupConsumer(let groupID, let instanceID):
            return [
                ("group.id", groupID), ("enable.auto.commit", "false"), ("enable.auto.offset.store", "false"),
                ("enable.partition.eof", "false"),
            ] + (instanceID.map { [("group.instance.id", $0)] } ?? [])
        case .reader:
            return [("enable.partition.eof", "true"), ("enable.auto.commit", "false")]
        case .producer(let transactionalID):
            // The partitioner is the Java client's, so that a key lands where other programs look for it.
            return [
                ("enable.idempotence", "true"), ("delivery.report.only.error", "false"),
                ("partitioner", "murmur2_random"),
            ]
                + (transactionalID.map { [("transactional.id", $0)] } ?? [])
        case .admin:
            return [("allow.auto.create.topics", "false")]
        }
    }

    /// Properties of a group or a transaction, which a client outside of it must not carry.
    var ignored: Set<String> {
        switch self {
        case .groupConsumer: ["transactional.id"]
        case .reader, .admin: ["group.id", "group.instance.id", "transactional.id", "partition.assignment.strategy"]
        case .producer: ["group.id", "group.instance.id", "partition.assignment.strategy"]
        }
    }

    var isTransactional: Bool {
        if case .producer(.some) = self { true } else { false }
    }

    static let largestMessage = 16_777_216
    static let strategy = "partition.assignment.strategy"
    static let defaultStrategy = "cooperative-sticky"

    private static let reading = [
        ("isolation.level", "read_committed"), ("auto.offset.reset", "earliest"),
        // 64 MB a partition is the default, far more than a reader that pauses ever needs.
        ("queued.max.messages.kbytes", "16384"),
    ]
}
