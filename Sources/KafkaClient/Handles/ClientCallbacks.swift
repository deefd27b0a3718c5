import CRdKafka

/// What librdkafka's callbacks of one client lead to: the client's `opaque`.
///
/// Lifetime: retained from before `rd_kafka_new` until after `rd_kafka_destroy`, by the client's `ClientHandle`.
/// `onLog` is called on any of librdkafka's threads and never changes; all else is set before the first poll and is
/// called only within a poll, on the polling thread.
final class ClientCallbacks {
    let onLog: (@Sendable (KafkaLogLine) -> Void)?
    var onError: ((KafkaError) -> Void)?
    var onStatistics: ((String) -> Void)?
    var onThrottle: ((_ broker: String, _ milliseconds: Int) -> Void)?
    var onRebalance: ((rd_kafka_resp_err_t, [TopicPartition]) -> Void)?
    var onCommit: ((UInt, KafkaError?) -> Void)?
    /// Whether the group has ever shared partitions out to this member, if only none.
    var hasBeenAssigned = false

    init(onLog: (@Sendable (KafkaLogLine) -> Void)?) {
        self.onLog = onLog
    }

    /// The callbacks that a client was made with; borrowed from its handle.
    static func of(_ client: OpaquePointer?) -> ClientCallbacks? {
        client.flatMap(rd_kafka_opaque).map { Unmanaged<ClientCallbacks>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Registers the C functions with a configuration; the opaque must be set too.
    static func register(with configuration: OpaquePointer?, role: ClientRole) {
        rd_kafka_conf_set_log_cb(configuration) { client, level, facility, text in
            ClientCallbacks.of(client)?.log(client, level, facility, text)
        }
        guard role.polls else { return }
        rd_kafka_conf_set_error_cb(configuration) { client, code, reason, _ in
            guard let client, let callbacks = ClientCallbacks.of(client) else { return }
            callbacks.onError?(KafkaError(reported: rd_kafka_resp_err_t(rawValue: code), reason: reason, by: client))
            rd_kafka_yield(client)
        }
        rd_kafka_conf_set_stats_cb(configuration) { client, text, length, _ in
            guard let text else { return 0 }
            let bytes = UnsafeRawBufferPointer(start: text, count: length)
            ClientCallbacks.of(client)?.onStatistics?(String(decoding: bytes, as: UTF8.self))
            // librdkafka frees the text.
            return 0
        }
        if case .groupConsumer = role { registerRebalance(with: configuration) }
        guard case .producer = role else { return }
        DeliveryTicket.registerReports(with: configuration)
        rd_kafka_conf_set_throttle_cb(configuration) { client, broker, _, milliseconds, _ in
            guard let callbacks = ClientCallbacks.of(client) else { return }
            callbacks.onThrottle?(broker.map { String(cString: $0) } ?? "", Int(milliseconds))
        }
    }

    private static func registerRebalance(with configuration: OpaquePointer?) {
        rd_kafka_conf_set_rebalance_cb(configuration) { client, code, list, _ in
            guard let client, let callbacks = ClientCallbacks.of(client) else { return }
            callbacks.hasBeenAssigned = true
            callbacks.onRebalance?(code, PartitionList.partitions(of: list))
            // Ends the poll, so that the event is told now and not when the poll times out.
            rd_kafka_yield(client)
        }
    }

    private func log(
        _ client: OpaquePointer?,
        _ level: Int32,
        _ facility: UnsafePointer<CChar>?,
        _ text: UnsafePointer<CChar>?
    ) {
        guard let onLog else { return }
        onLog(
            KafkaLogLine(
                level: Int(level),
                facility: facility.map { String(cString: $0) } ?? "",
                client: client.flatMap(rd_kafka_name).map { String(cString: $0) } ?? "",
                message: text.map { String(cString: $0) } ?? ""
            )
        )
    }
}

extension KafkaError {
    /// An error that a client reports by itself. `_FATAL` only says that there is one; the client knows which.
    fileprivate init(reported code: rd_kafka_resp_err_t, reason: UnsafePointer<CChar>?, by client: OpaquePointer) {
        if code == RD_KAFKA_RESP_ERR__FATAL, let fatal = KafkaError(fatalErrorOf: client, operation: "client") {
            self = fatal
        } else {
            self.init(code, operation: "client", message: reason.map { String(cString: $0) })
        }
    }
}
