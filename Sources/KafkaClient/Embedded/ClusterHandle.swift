import CRdKafka

/// A `rd_kafka_mock_cluster_t` and the client it needs for its own bookkeeping.
///
/// Lifetime: the cluster is destroyed with this object, on a thread of its own because that waits for the cluster's
/// thread, and before the client.
///
/// `@unchecked Sendable`: the pointer never changes, and the cluster's functions hand their work to its own thread.
final class ClusterHandle: @unchecked Sendable {
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
