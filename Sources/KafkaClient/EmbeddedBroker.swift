import CRdKafka
import Synchronization

/// A cluster of brokers inside this process, for tests and demonstrations: librdkafka's mock cluster.
///
/// Any program on this machine reaches it over TCP. It creates topics when they are asked for, keeps records in memory
/// (the oldest go when a partition holds more than about 5 MB), and lets the first member of a group wait three
/// seconds. It keeps no offsets of transactions and shows records of open and aborted ones.
package final class EmbeddedBroker: Sendable {
    /// `host:port` pairs, comma-separated.
    package let bootstrapServers: String
    private let cluster: Mutex<ClusterHandle?>

    /// Starts the cluster; the brokers' ids are 1, 2 and so on.
    package init(brokers: Int = 1) throws {
        let cluster = try ClusterHandle(brokers: brokers)
        bootstrapServers = cluster.bootstrapServers
        self.cluster = Mutex(cluster)
    }

    /// Creates a topic. Each partition has one copy.
    package func createTopic(_ name: String, partitions: Int) throws {
        try with("create topic \(name)") { rd_kafka_mock_topic_create($0, name, Int32(clamping: partitions), 1) }
    }

    /// Cuts a broker's connections and refuses new ones; nil means all brokers.
    package func setDown(_ brokerID: Int32? = nil) throws {
        try with("set broker down") { rd_kafka_mock_broker_set_down($0, brokerID ?? -1) }
    }

    /// Lets a broker accept connections again; nil means all brokers.
    package func setUp(_ brokerID: Int32? = nil) throws {
        try with("set broker up") { rd_kafka_mock_broker_set_up($0, brokerID ?? -1) }
    }

    /// Delays each answer of a broker, in steps of a millisecond; nil means all brokers.
    package func setRoundTripTime(_ time: Duration, broker brokerID: Int32? = nil) throws {
        try with("set round-trip time") { rd_kafka_mock_broker_set_rtt($0, brokerID ?? -1, time.cMilliseconds) }
    }

    /// Makes a broker the leader of a partition.
    package func moveLeader(of partition: TopicPartition, to brokerID: Int32) throws {
        try with("move leader of \(partition)") {
            rd_kafka_mock_partition_set_leader($0, partition.topic, partition.partition, brokerID)
        }
    }

    /// Answers the next requests of a kind with these errors, one each, in this order.
    ///
    /// `KafkaError.Code.transport` cuts the connection in place of an answer.
    package func pushErrors(_ request: Request, _ codes: [Int32]) {
        let errors = codes.map { rd_kafka_resp_err_t(rawValue: $0) }
        cluster.withLock { cluster in
            guard let cluster else { return }
            rd_kafka_mock_push_request_errors_array(cluster.pointer, request.rawValue, errors.count, errors)
        }
    }

    /// Forgets the errors that were pushed and not used.
    package func clearErrors(_ request: Request) {
        cluster.withLock { cluster in
            guard let cluster else { return }
            rd_kafka_mock_clear_request_errors(cluster.pointer, request.rawValue)
        }
    }

    /// Stops the cluster. A broker that is dropped stops too.
    package func close() { cluster.withLock { $0 = nil } }

    private func with(_ operation: String, _ body: (OpaquePointer) -> rd_kafka_resp_err_t) throws {
        let code = cluster.withLock { cluster in
            cluster.map { body($0.pointer) } ?? RD_KAFKA_RESP_ERR__DESTROY
        }
        try KafkaError.check(code, operation)
    }
}

extension EmbeddedBroker {
    /// Kinds of requests of the Kafka protocol, by their numbers in it.
    package enum Request: Int16, Sendable, Hashable, CaseIterable {
        case produce = 0
        case fetch = 1
        case listOffsets = 2
        case metadata = 3
        case offsetCommit = 8
        case offsetFetch = 9
        case findCoordinator = 10
        case joinGroup = 11
        case heartbeat = 12
        case leaveGroup = 13
        case syncGroup = 14
        case initProducerID = 22
        case addPartitionsToTransaction = 24
        case addOffsetsToTransaction = 25
        case endTransaction = 26
        case transactionOffsetCommit = 28
    }
}

/// A `rd_kafka_mock_cluster_t` and the client it needs for its own bookkeeping.
///
/// Lifetime: the cluster is destroyed with this object, on a thread of its own because that waits for the cluster's
/// thread, and before the client.
///
/// `@unchecked Sendable`: the pointer never changes, and the cluster's functions hand their work to its own thread.
private final class ClusterHandle: @unchecked Sendable {
    let pointer: OpaquePointer
    private let client: ClientHandle

    init(brokers: Int) throws {
        // The client never uses its servers; the port is one that nobody listens on.
        let configuration = KafkaConfiguration(bootstrapServers: "127.0.0.1:9")
        client = try ClientHandle(configuration, role: .admin, callbacks: ClientCallbacks(onLog: nil))
        guard let pointer = rd_kafka_mock_cluster_new(client.pointer, Int32(clamping: max(brokers, 1))) else {
            throw KafkaError(rd_kafka_last_error(), operation: "start an embedded broker")
        }
        self.pointer = pointer
    }

    deinit {
        let cluster = SendablePointer(pointer: pointer)
        let client = client
        OwnThread.start {
            rd_kafka_mock_cluster_destroy(cluster.pointer)
            withExtendedLifetime(client) {}
        }
    }

    var bootstrapServers: String {
        rd_kafka_mock_cluster_bootstraps(pointer).map { String(cString: $0) } ?? ""
    }
}
